using System.Text.Json.Serialization;

namespace Codat.Native.Robust;

/// <summary>A line of <c>metrics.jsonl</c>.</summary>
public sealed record EpochMetrics
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps made since the start of the run.</summary>
    public required long Step { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double Lr { get; init; }

    /// <summary>The mean training loss over the steps.</summary>
    public required double Loss { get; init; }

    /// <summary>Accuracies on clean validation images, or null without a validation split.</summary>
    public required AccuracySummary? Clean { get; init; }

    /// <summary>Accuracies under the validation attack, or null without a validation split.</summary>
    public required AccuracySummary? Robust { get; init; }

    /// <summary>The risk of each class over the steps.</summary>
    public required MeanDeviation[] Risk { get; init; }

    /// <summary>The weight of each class over the steps.</summary>
    public required MeanDeviation[] Weight { get; init; }

    /// <summary>The mean variance of the class risks under the prior.</summary>
    public required double Variance { get; init; }

    /// <summary>The population deviation of that variance over the steps.</summary>
    public double VarianceStd { get; init; } = double.NaN;

    /// <summary>The mean radius in use.</summary>
    public required double EtaEff { get; init; }

    /// <summary>
    /// The radius that a rule chose for the epoch; null, and no key, where the settings give a number.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Eta { get; init; }

    /// <summary>The share of steps with a negative class weight.</summary>
    public required double NegativeShare { get; init; }

    /// <summary>The mean of what the weights in use fall short of, or exceed, the exact worst case by.</summary>
    public required double ObjectiveGap { get; init; }

    /// <summary>Where the seconds went.</summary>
    public required PhaseSeconds Seconds { get; init; }

    /// <summary>Training images per second, without evaluation.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>The largest memory in use so far, in bytes.</summary>
    public required long PeakBytes { get; init; }
}
