using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Shows a run while it goes on. All calls come from one thread.</summary>
internal interface ITrainingView : IProgressView
{
    /// <summary>Runs the work inside the view, which may own the screen meanwhile.</summary>
    T Run<T>(Func<T> work);

    /// <summary>A run begins or is taken up again.</summary>
    void Start(TrainingStart start);

    /// <summary>A step was made; cheap enough to be called for every one.</summary>
    void Step(in TrainingStep step);

    /// <summary>An epoch was completed and, where there is a validation split, evaluated.</summary>
    /// <param name="metrics">Its numbers.</param>
    /// <param name="isBest">Whether its weights are the best so far.</param>
    void Epoch(EpochMetrics metrics, bool isBest);

    /// <summary>The run has ended.</summary>
    void Finish(TrainResult result);
}
