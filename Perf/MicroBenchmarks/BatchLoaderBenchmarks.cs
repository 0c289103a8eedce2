using BenchmarkDotNet.Attributes;
using Codat.Native.Data;

namespace Codat.Native.Perf;

/// <summary>
/// The steady state of the batch loader: time to the next batch of 128 when the consumer does nothing else, which is
/// the time the loader's thread needs for one.
/// </summary>
[MemoryDiagnoser]
public class BatchLoaderBenchmarks : IDisposable
{
    private const int Batch = 128;

    private BatchLoader? _loader;

    /// <summary>Width and height; 28 is grey, 32 in colour.</summary>
    [Params(28, 32)]
    public int Size { get; set; }

    /// <summary>The augmentation whose numbers are drawn.</summary>
    [Params("none", "crop4+flip")]
    public string Augment { get; set; } = "none";

    /// <summary>Starts the loader on a synthetic set in memory.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var options = SyntheticOptions.Default with { Shape = new ImageShape(Size, Size, Size == 32 ? 3 : 1) };
        var dataset = SyntheticDataset.Create(options, DatasetSplit.Train);
        _loader = new BatchLoader(new BatchLoaderOptions
        {
            Dataset = dataset,
            Sampler = new BatchSampler(dataset.Count, Batch, seed: 1),
            Augment = AugmentRecipe.Parse(Augment),
        });
    }

    /// <summary>Takes one batch and gives it back.</summary>
    [Benchmark]
    public int NextBatch()
    {
        var slot = _loader!.Next()!;
        var count = slot.Count;
        _loader.Return(slot);
        return count;
    }

    /// <summary>Stops the loader.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the loader.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing) _loader?.Dispose();
    }
}
