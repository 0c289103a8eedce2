namespace Codat.Native.Robust;

/// <summary>Reads <c>metrics.jsonl</c>: one JSON object on each line, one line for each epoch.</summary>
internal static class MetricsReader
{
    /// <summary>Reads the file; no epochs where it does not exist.</summary>
    public static List<EpochView> Read(string path)
    {
        var epochs = new List<EpochView>();
        if (!File.Exists(path)) return epochs;
        var number = 0;
        foreach (var line in JsonView.ReadText(path).Split('\n'))
        {
            number++;
            if (line.AsSpan().Trim().IsEmpty) continue;
            epochs.Add(Epoch(JsonView.Parse(line, path, number)));
        }
        return epochs;
    }

    private static EpochView Epoch(JsonView line)
    {
        var seconds = line.Object("seconds");
        return new EpochView
        {
            Epoch = line.Integer("epoch") ?? throw line.Wrong("a member named epoch", "none"),
            LearningRate = line.Number("lr"),
            Loss = line.Number("loss"),
            Clean = Rate(line, "clean"),
            Robust = Rate(line, "robust"),
            Risk = Mean(line, "risk"),
            Weight = Mean(line, "weight"),
            Variance = line.Number("variance"),
            VarianceDeviation = line.Number("varianceStd"),
            EtaEffective = line.Number("etaEff"),
            NegativeShare = line.Number("negativeShare"),
            ObjectiveGap = line.Number("objectiveGap"),
            DataSeconds = seconds?.Number("data") ?? double.NaN,
            AttackSeconds = seconds?.Number("attack") ?? double.NaN,
            UpdateSeconds = seconds?.Number("update") ?? double.NaN,
            EvalSeconds = seconds?.Number("eval") ?? double.NaN,
            ImagesPerSecond = line.Number("imagesPerSecond"),
            PeakBytes = line.Number("peakBytes"),
        };
    }

    private static RateView Rate(JsonView line, string name) => line.Object(name) is { } rate
        ? new RateView(rate.Number("average"), rate.Number("worst"), rate.Numbers("perClass"))
        : RateView.None;

    // A run without class weights writes an empty array in place of the object.
    private static MeanView Mean(JsonView line, string name) => line.Get(name) switch
    {
        null => MeanView.None,
        { IsArray: true } rows when rows.AsItems() is [{ IsObject: true }, ..] items => new MeanView(
            [.. items.Select(i => i.Number("mean"))], [.. items.Select(i => i.Number("std"))]),
        { IsArray: true } means => new MeanView(means.AsNumbers(), []),
        { IsObject: true } mean => new MeanView(mean.Numbers("mean"), mean.Numbers("std")),
        { } other => throw other.Wrong("an object with mean and std, or an array"),
    };
}
