using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// An attack of the AutoAttack family: each image walks its own way until it is broken or the way ends.
/// </summary>
/// <remarks>
/// A lane's rows are filled with the next image as soon as one is done, and the plan shrinks with what is left, so
/// broken images cost nothing more. The walks are on the host, whatever the device of the network.
/// </remarks>
internal sealed class WalkAttack : IImageAttack
{
    private readonly Network _network;
    private readonly AttackProbe _probe;
    private readonly WalkLane[] _lanes;
    private readonly byte[] _bytes;
    private readonly float[] _pixels;

    public WalkAttack(Network network, WalkSpec spec, int batch, bool isTraced)
    {
        (_network, Batch) = (network, batch);
        _probe = new AttackProbe(network, spec.Loss, batch);
        _lanes = [.. _probe.Lanes.Select(lane => new WalkLane(lane, spec, network.Spec, isTraced))];
        var pixels = network.Spec.Height * network.Spec.Width * network.Spec.Channels;
        (_bytes, _pixels) = (new byte[pixels], new float[batch * pixels]);
    }

    public int Batch { get; }

    public void WeightsChanged() => _probe.WeightsChanged();

    public void Run(IDataset images, ReadOnlySpan<int> which, AttackStage stage, AttackOutcome outcome,
        CancellationToken cancellation)
    {
        for (var place = 0; place < which.Length; place++)
        {
            images.Read(which[place], _bytes);
            var pixels = _pixels.AsSpan(place * _bytes.Length, _bytes.Length);
            for (var i = 0; i < pixels.Length; i++) pixels[i] = _bytes[i] / 255f;
        }
        var work = new WalkBatch(images, _pixels, which.ToArray(), stage, outcome, cancellation);
        if (_lanes.Length == 1)
        {
            _lanes[0].Run(work);
        }
        else
        {
            var body = new Body { Lanes = _lanes, Work = work };
            Tiles.Run(((CpuDevice)_network.Device).Workers, _lanes.Length, ref body); // only there are lanes
        }
        foreach (var lane in _lanes) lane.GiveTotals(work);
        cancellation.ThrowIfCancellationRequested();
    }

    public void Dispose() => _probe.Dispose();

    private struct Body : ITileBody
    {
        public WalkLane[] Lanes;
        public WalkBatch Work;

        public readonly void Run(int tile, int worker) => Lanes[tile].Run(Work);
    }
}
