using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>An observer made of callbacks.</summary>
internal sealed class Events : ITrainingObserver
{
    public Action? OnStarted { get; init; }

    public Action<TrainingStep>? OnStep { get; init; }

    public Action<EpochMetrics, bool>? OnEpoch { get; init; }

    public Action<string>? OnNote { get; init; }

    public Action<string, long, long>? OnProgress { get; init; }

    public void Noted(string line) => OnNote?.Invoke(line);

    public void Started(TrainingStart start) => OnStarted?.Invoke();

    public void Stepped(in TrainingStep step) => OnStep?.Invoke(step);

    public void EpochEnded(EpochMetrics metrics, bool isBest) => OnEpoch?.Invoke(metrics, isBest);

    public void Progressed(string what, long done, long total) => OnProgress?.Invoke(what, done, total);
}
