using System.Diagnostics.Metrics;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class RobustMetersTests
{
    [Test]
    public void Record_Epoch_ReportsEveryInstrumentWithItsTags()
    {
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RobustMeters.Name) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            seen[tags.Length == 0 ? instrument.Name : $"{instrument.Name}/{tags[0].Value}"] = value);
        listener.Start();

        RobustMeters.Record(new EpochMetrics
        {
            Epoch = 1, Step = 1, Lr = 0.1, Loss = 2,
            Clean = new AccuracySummary(0.8, 0.6, [0.6, 1]), Robust = new AccuracySummary(0.4, 0.2, [0.2, 0.6]),
            Risk = [], Weight = [new MeanDeviation(0.7, 0), new MeanDeviation(0.3, 0)],
            Variance = 0, EtaEff = 0, NegativeShare = 0, ObjectiveGap = 0, Seconds = default,
            ImagesPerSecond = 99, PeakBytes = 0,
        }, ["cat", "dog"]);

        Assert.That(seen, Is.EquivalentTo(new Dictionary<string, double>
        {
            ["codat.epoch.loss"] = 2, ["codat.throughput"] = 99,
            ["codat.accuracy.clean/average"] = 0.8, ["codat.accuracy.clean/worst"] = 0.6,
            ["codat.accuracy.robust/average"] = 0.4, ["codat.accuracy.robust/worst"] = 0.2,
            ["codat.class.weight/cat"] = 0.7, ["codat.class.weight/dog"] = 0.3,
        }));
    }
}
