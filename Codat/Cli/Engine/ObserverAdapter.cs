using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Shows a run's events in a view.</summary>
internal sealed class ObserverAdapter(ITrainingView view) : ITrainingObserver
{
    public void Started(TrainingStart start) => view.Start(start);

    public void Stepped(in TrainingStep step) => view.Step(step);

    public void EpochEnded(EpochMetrics metrics, bool isBest) => view.Epoch(metrics, isBest);

    public void Progressed(string what, long done, long total) => view.Progress(what, done, total);
}
