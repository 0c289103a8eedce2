using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// A network compiled for looking at images that the host chooses: logits, and a loss with its gradient in the images
/// where one is wanted.
/// </summary>
/// <remarks>
/// A plan for every halving of the rows, over the same memory, so that few images take little time; and on the host
/// processor one set for each thread, unless the network is so large that its kernels share the threads. Results of an
/// image depend on none of that. Owns its memory, not the network.
/// </remarks>
internal sealed class AttackProbe : IDisposable
{
    private const int RowsOnHost = 16;

    private readonly PlanProgram _program;
    private readonly ProbeLane[] _lanes;

    /// <summary>Compiles for at most so many images at once, over all lanes.</summary>
    public AttackProbe(Network network, SearchLoss? loss, int images)
    {
        var device = network.Device;
        var isShared = device is not CpuDevice || AttackLanes.IsLarge(network);
        var rows = device is CpuDevice ? Math.Min(images, RowsOnHost) : images;
        _program = new PlanProgram(device);
        _program.Add("prepare", new GraphBuilder());
        _lanes = new ProbeLane[isShared ? 1 : Math.Min(device.Threads, (images + rows - 1) / rows)];
        for (var lane = 0; lane < _lanes.Length; lane++)
        {
            _lanes[lane] = new ProbeLane(network, loss, rows);
            _lanes[lane].Add(_program, "prepare", lane);
        }
        _program.Compile();
        foreach (var lane in _lanes) lane.Bind(_program);
        WeightsChanged();
    }

    /// <summary>Sets of plans that may run at the same time.</summary>
    public IReadOnlyList<ProbeLane> Lanes => _lanes;

    /// <summary>Prepares the weights anew.</summary>
    public void WeightsChanged() => _program["prepare"].Run();

    /// <summary>Releases all memory.</summary>
    public void Dispose()
    {
        _program.Dispose();
        foreach (var lane in _lanes) lane.Dispose();
    }
}
