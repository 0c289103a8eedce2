using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Codat.Native.Robust;

/// <summary>Numbers and spans of training for whatever a .NET service collects them with.</summary>
/// <remarks>Nothing is computed while nobody listens; epochs are recorded, steps are not.</remarks>
public static class RobustMeters
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Codat.Native.Robust";

    /// <summary>The span of a run.</summary>
    public const string RunActivity = "codat.run";

    /// <summary>The span of an epoch.</summary>
    public const string EpochActivity = "codat.epoch";

    /// <summary>The span of an evaluation.</summary>
    public const string EvaluationActivity = "codat.evaluation";

    private static readonly Meter s_meter = new(Name);

    private static readonly Gauge<double> s_loss =
        s_meter.CreateGauge<double>("codat.epoch.loss", null, "Mean training loss of the last epoch");

    private static readonly Gauge<double> s_clean =
        s_meter.CreateGauge<double>("codat.accuracy.clean", "1", "Clean validation accuracy, average and worst class");

    private static readonly Gauge<double> s_robust =
        s_meter.CreateGauge<double>("codat.accuracy.robust", "1", "Robust validation accuracy, average and worst");

    private static readonly Gauge<double> s_weight =
        s_meter.CreateGauge<double>("codat.class.weight", "1", "Mean weight of each class in the last epoch");

    private static readonly Gauge<double> s_rate =
        s_meter.CreateGauge<double>("codat.throughput", "{image}/s", "Training images per second in the last epoch");

    private static readonly KeyValuePair<string, object?> s_average = new("kind", "average");
    private static readonly KeyValuePair<string, object?> s_worst = new("kind", "worst");

    /// <summary>The source of spans.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Records an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="classNames">The name of each class, for the tags of the weights.</param>
    public static void Record(EpochMetrics epoch, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        ArgumentNullException.ThrowIfNull(classNames);
        s_loss.Record(epoch.Loss);
        s_rate.Record(epoch.ImagesPerSecond);
        Record(s_clean, epoch.Clean);
        Record(s_robust, epoch.Robust);
        if (!s_weight.Enabled) return;
        for (int k = 0; k < epoch.Weight.Length; k++)
            s_weight.Record(epoch.Weight[k].Mean, new KeyValuePair<string, object?>("class", classNames[k]));
    }

    private static void Record(Gauge<double> gauge, AccuracySummary? accuracy)
    {
        if (accuracy is null) return;
        gauge.Record(accuracy.Average, s_average);
        gauge.Record(accuracy.Worst, s_worst);
    }
}
