using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Shows nothing.</summary>
internal sealed class SilentTrainingView : ITrainingView
{
    public T Run<T>(Func<T> work) => work();

    public void Start(TrainingStart start)
    {
    }

    public void Step(in TrainingStep step)
    {
    }

    public void Epoch(EpochMetrics metrics, bool isBest)
    {
    }

    public void Finish(TrainResult result)
    {
    }

    public void Progress(string what, long done, long total)
    {
    }

    public void Notice(string line)
    {
    }
}
