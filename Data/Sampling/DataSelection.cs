namespace Codat.Native.Data;

/// <summary>
/// Which images of the published training split are trained on and which are validated on: first the stratified split,
/// then the imbalance (training part only), then the limits. A pure function of the labels, these settings and the
/// seed.
/// </summary>
public sealed record DataSelection
{
    /// <summary>Size of the validation split.</summary>
    public SplitSize Validation { get; init; } = SplitSize.OfShare(0.1);

    /// <summary>Shares of classes to keep, or null for all.</summary>
    public Imbalance? Imbalance { get; init; }

    /// <summary>Most images to train on, drawn stratified, or null for all.</summary>
    public int? TrainLimit { get; init; }

    /// <summary>Most images to validate on, drawn stratified, or null for all.</summary>
    public int? ValidationLimit { get; init; }

    /// <summary>Draws the two parts.</summary>
    /// <exception cref="DatasetException">
    /// A class is left without training images, and <see cref="Imbalance"/> did not make it so; or nothing is left at
    /// all.
    /// </exception>
    public SelectedData Apply(IDataset training, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(training);
        int[] labels = ClassIndex.LabelsOf(training);
        int classes = training.Classes;
        RequireEveryClass(training, labels, "the training split");
        (int[] train, int[] validation) = StratifiedSplit.Draw(labels, classes, Validation, seed);
        var emptied = new List<int>();
        if (Imbalance is not null) train = Thin(train, labels, classes, seed);
        train = Limit(train, labels, classes, TrainLimit, seed, DrawPurpose.TrainLimit);
        validation = Limit(validation, labels, classes, ValidationLimit, seed, DrawPurpose.ValidationLimit);

        var index = new ClassIndex(Pick(labels, train), classes);
        for (int k = 0; k < classes; k++)
            if (index.Count(k) == 0) emptied.Add(k);
        if (train.Length == 0) throw new DatasetException("no training image is left", "--imbalance, --keep");
        if (emptied.Count > 0 && Imbalance is null)
            throw new DatasetException("a class is left without training images", training.ClassNames[emptied[0]],
                fix: "raise --train-limit or lower --val");
        Subset? held = validation.Length == 0 ? null : new Subset(training, validation);
        return new SelectedData(new Subset(training, train), held, emptied);
    }

    private int[] Thin(int[] train, int[] labels, int classes, ulong seed)
    {
        Imbalance imbalance = Imbalance ?? throw new InvalidOperationException();
        imbalance.CheckClasses(classes);
        var index = new ClassIndex(Pick(labels, train), classes);
        var kept = new int[classes];
        for (int k = 0; k < classes; k++) kept[k] = imbalance.CountKept(k, classes, index.Count(k));
        return Pick(train, StratifiedSplit.SampleClasses(index, kept, seed, DrawPurpose.Imbalance));
    }

    private static int[] Limit(int[] chosen, int[] labels, int classes, int? limit, ulong seed, DrawPurpose purpose) =>
        limit is { } most && most < chosen.Length
            ? Pick(chosen, StratifiedSplit.Sample(Pick(labels, chosen), classes, most, seed, purpose))
            : chosen;

    private static int[] Pick(int[] values, int[] positions) => Array.ConvertAll(positions, i => values[i]);

    private static void RequireEveryClass(IDataset dataset, int[] labels, string what)
    {
        var index = new ClassIndex(labels, dataset.Classes);
        for (int k = 0; k < dataset.Classes; k++)
            if (index.Count(k) == 0)
                throw new DatasetException("a class has no images in " + what, dataset.ClassNames[k]);
    }
}
