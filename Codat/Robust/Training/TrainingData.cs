using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>The training and validation images of a run. The test split is not reachable from here.</summary>
internal sealed class TrainingData
{
    private TrainingData(TrainOptions options, MemoryDataset published, SelectedData selected)
    {
        (Options, Published, Train, Validation) = (options, published, selected.Train, selected.Validation);
        EmptiedClasses = selected.EmptiedClasses;
        var counts = new int[published.Classes];
        for (var i = 0; i < Train.Count; i++) counts[Train.Label(i)]++;
        TrainCounts = counts;
        // A class without images can have no share; the solvers leave classes of prior 0 out.
        Prior = options.Prior.Resolve(counts);
    }

    public TrainOptions Options { get; }

    public MemoryDataset Published { get; }

    public Subset Train { get; }

    public Subset? Validation { get; }

    public IReadOnlyList<int> EmptiedClasses { get; }

    public int[] TrainCounts { get; }

    public double[] Prior { get; }

    /// <summary>
    /// Checks the files of all splits, then reads the training split and draws the run's parts from it.
    /// </summary>
    public static TrainingData Load(TrainOptions options)
    {
        DatasetCatalog.CheckFiles(options.Dataset, options.Data, DatasetSplit.Train, DatasetSplit.Test);
        var published = DatasetCatalog.Load(options.Dataset, options.Data, DatasetSplit.Train, options.Seed);
        var data = new TrainingData(options, published, Select(options, published));
        if (data.Train.Count < options.Batch)
        {
            throw new CodatException(
                "there are fewer training images than one batch holds", "--batch", $"at most {data.Train.Count}",
                $"{options.Batch}", "use a smaller --batch or more images");
        }
        return data;
    }

    /// <summary>The same parts again from recorded settings: what <c>eval --split val</c> needs.</summary>
    public static SelectedData Select(TrainOptions options, MemoryDataset published) => new DataSelection
    {
        Validation = options.Val.ToSplitSize(),
        Imbalance = Imbalance.Of(options.Imbalance?.Ratio, options.Keep?.Shares),
        TrainLimit = options.TrainLimit,
        ValidationLimit = options.ValLimit,
    }.Apply(published, options.Seed);

    /// <summary>The network's structure for these images, normalised by the data set's statistics.</summary>
    public NetworkSpec NetworkSpec()
    {
        var shape = Published.Shape;
        var preset = DataSetPreset.Find(Options.Dataset, "--dataset");
        var statistics = preset.Mean is null || preset.Std is null ? ChannelStatistics.Compute(Published) : null;
        return new NetworkSpec(Options.Model, shape.Height, shape.Width, shape.Channels, Published.Classes)
        {
            // Statistics are computed exactly when the preset has none.
            Mean = preset.Mean ?? Array.ConvertAll(statistics!.Mean, v => (float)v),
            Std = preset.Std ?? Array.ConvertAll(statistics!.Std, v => (float)Math.Max(v, 1e-3)),
        };
    }

    /// <summary>What the manifest says of a split.</summary>
    public static SplitRead Describe(string split, IDataset images, string purpose)
    {
        var counts = new int[images.Classes];
        for (var i = 0; i < images.Count; i++) counts[images.Label(i)]++;
        return new SplitRead(
            split, images.Count, counts, SplitHash.Of(images), TimeProvider.System.GetUtcNow(), purpose);
    }
}
