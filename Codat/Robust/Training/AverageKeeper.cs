using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Lets the ends of epochs into a run's weight average, and measures its batch-norm statistics.</summary>
internal sealed class AverageKeeper : IDisposable
{
    private readonly TrainingSession _session;
    private readonly EpochAverage _average;
    private readonly TrainOptions _options;
    private readonly Subset _images;
    private readonly StatisticsPass? _statistics;

    private AverageKeeper(TrainingSession session, EpochAverage average, TrainOptions options, Subset images)
    {
        (_session, _average, _options, _images) = (session, average, options, images);
        _statistics = average.MeasuresStatistics ? StatisticsPass.Of(session.Evaluated, options.Batch) : null;
    }

    /// <summary>Null for a run that keeps no such average.</summary>
    public static AverageKeeper? Of(TrainingSession session, TrainOptions options, TrainingData data) =>
        session.Average is { } average ? new AverageKeeper(session, average, options, data.Train) : null;

    /// <summary>The gate judges the weights as trained; what is validated after that is the average.</summary>
    /// <param name="epoch">Its number, from 1.</param>
    /// <param name="validate">What the evaluated network does on the validation split under attack.</param>
    /// <param name="progress">Told what is done, how many images of it, and of how many.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public void EndEpoch(int epoch, Func<AttackResult?> validate, Action<string, int, int>? progress,
        CancellationToken cancellation)
    {
        if (_average.IsDue(epoch)) _average.Take(epoch, _session.Network, Enters(validate));
        // Also where the epoch has entered already: a run cancelled in here comes by again, and measures the same.
        if (_statistics is null || _average.Count == 0) return;
        _average.CopyTo(_session.Evaluated);
        _statistics.Run(_images, new BatchSampler(_images.Count, _options.Batch, _options.Seed), epoch,
            done => progress?.Invoke("statistics", done, _images.Count), cancellation);
        _average.TakeStatistics(_session.Evaluated);
    }

    /// <summary>Releases the compiled pass.</summary>
    public void Dispose() => _statistics?.Dispose();

    private bool Enters(Func<AttackResult?> validate)
    {
        if (_options.AverageGate is not { } gate) return true;
        _session.ShowTrained(_session.Network.Weights);
        return validate() is { } robust && robust.Accuracy.Worst >= gate;
    }
}
