using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Shows a run's events in a view and, where asked for, writes them for TensorBoard.</summary>
internal sealed class ObserverAdapter(ITrainingView view) : ITrainingObserver, IDisposable
{
    private EventFile? _events;
    private IReadOnlyList<string> _classNames = [];

    public void Started(TrainingStart start)
    {
        _classNames = start.ClassNames;
        if (start.Tensorboard) _events = EventFile.Open(start.Run, start.FirstStep);
        if (start.DeviceNote is { } note) view.Notice(note);
        view.Start(start);
    }

    public void Stepped(in TrainingStep step) => view.Step(step);

    public void EpochEnded(EpochMetrics metrics, bool isBest)
    {
        _events?.Add(metrics, _classNames);
        view.Epoch(metrics, isBest);
    }

    public void Noted(string line) => view.Notice(line);

    public void Progressed(string what, long done, long total) => view.Progress(what, done, total);

    public void Dispose() => _events?.Dispose();
}
