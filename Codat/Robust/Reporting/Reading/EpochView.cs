namespace Codat.Native.Robust;

/// <summary>What one epoch reported; not-a-number or empty where the line has no value.</summary>
internal sealed record EpochView
{
    public required int Epoch { get; init; }
    public double LearningRate { get; init; } = double.NaN;
    public double Loss { get; init; } = double.NaN;
    public RateView Clean { get; init; } = RateView.None;
    public RateView Robust { get; init; } = RateView.None;
    public MeanView Risk { get; init; } = MeanView.None;
    public MeanView Weight { get; init; } = MeanView.None;
    public double Variance { get; init; } = double.NaN;
    public double VarianceDeviation { get; init; } = double.NaN;
    public double EtaEffective { get; init; } = double.NaN;
    public double NegativeShare { get; init; } = double.NaN;
    public double ObjectiveGap { get; init; } = double.NaN;
    public double DataSeconds { get; init; } = double.NaN;
    public double AttackSeconds { get; init; } = double.NaN;
    public double UpdateSeconds { get; init; } = double.NaN;
    public double EvalSeconds { get; init; } = double.NaN;
    public double ImagesPerSecond { get; init; } = double.NaN;
    public double PeakBytes { get; init; } = double.NaN;

    /// <summary>Seconds of all phases that were measured.</summary>
    public double TotalSeconds => Known(DataSeconds) + Known(AttackSeconds) + Known(UpdateSeconds) + Known(EvalSeconds);

    private static double Known(double value) => double.IsFinite(value) ? value : 0;
}

/// <summary>Accuracy over all images, of the worst class, and of each class; fractions from 0 to 1.</summary>
internal sealed record RateView(double Average, double Worst, double[] PerClass)
{
    public static RateView None { get; } = new(double.NaN, double.NaN, []);
}

/// <summary>Mean and deviation over the steps of an epoch, one value for each class.</summary>
internal sealed record MeanView(double[] Mean, double[] Deviation)
{
    public static MeanView None { get; } = new([], []);
}
