using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Running statistics of batch norm measured anew: what SWA asks of averaged weights, whose activations no training
/// step has seen (Izmailov et al., UAI 2018, arXiv 1803.05407, algorithm 1).
/// </summary>
/// <remarks>
/// The mean over one epoch's batches of their means and unbiased variances. Images as they are: neither attacked nor
/// augmented. Compiled once; owns its memory, not the network. Allocates on every run: it is no part of a step.
/// </remarks>
internal sealed class StatisticsPass : IDisposable
{
    private readonly Tensor _running;
    private readonly Tensor _images;
    private readonly Tensor _status;
    private readonly PlanProgram _program;
    private readonly Plan _measure;

    private StatisticsPass(Network network, Tensor running, int batch)
    {
        var (device, s) = (network.Device, network.Spec);
        _running = running;
        _images = device.Allocate(network.Type, new Shape(batch, s.Height, s.Width, s.Channels), "statistics-images");
        _status = device.Allocate(DType.Int32, new Shape(1), "statistics-status");
        _status.Clear();
        _program = new PlanProgram(device);
        var graph = new GraphBuilder();
        var context = new ForwardContext(graph, ForwardMode.Train);
        network.Forward(context, graph.Bind(_images));
        context.UpdateRunningStatistics(_status, momentum: 1);
        _program.Add("measure", graph);
        try
        {
            _program.Compile();
        }
        catch
        {
            Dispose();
            throw;
        }
        _measure = _program["measure"];
    }

    /// <summary>A pass for a network, or null where it has no batch norm.</summary>
    public static StatisticsPass? Of(Network network, int batch) =>
        network.RunningStatistics is { } running ? new StatisticsPass(network, running, batch) : null;

    /// <summary>Gives the network the statistics of its weights; one cancelled midway leaves some batch's.</summary>
    /// <param name="images">What is measured; a rest smaller than a batch is left out.</param>
    /// <param name="sampler">Their order and batches: classes mixed, as in training.</param>
    /// <param name="epoch">Whose order.</param>
    /// <param name="progress">Told how many images are done.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public void Run(IDataset images, BatchSampler sampler, int epoch, Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        var source = new ImageSource(images, sampler.BatchSize);
        var which = new int[sampler.BatchSize];
        var sums = new double[_running.Shape.Count];
        var batch = new float[sums.Length];
        for (var i = 0; i < sampler.BatchesPerEpoch; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            sampler.Fill(epoch, i, which);
            source.Load(which, _images);
            // r += 1 (b - r) is b to the bit from 0 only.
            _running.Clear();
            _measure.Run();
            HostFloats.Read(_running, batch);
            for (var c = 0; c < sums.Length; c++) sums[c] += batch[c];
            progress?.Invoke((i + 1) * sampler.BatchSize);
        }
        HostFloats.Write(_running, Array.ConvertAll(sums, sum => (float)(sum / sampler.BatchesPerEpoch)));
    }

    /// <summary>Releases its memory.</summary>
    public void Dispose()
    {
        _program.Dispose();
        _images.Dispose();
        _status.Dispose();
    }
}
