namespace Codat.Native.Robust;

/// <summary>Watches a run. All calls come from the thread that trains; each must return quickly.</summary>
public interface ITrainingObserver
{
    /// <summary>A run begins or is taken up again.</summary>
    void Started(TrainingStart start);

    /// <summary>A step was made.</summary>
    void Stepped(in TrainingStep step);

    /// <summary>An epoch was completed and, where there is a validation split, evaluated.</summary>
    void EpochEnded(EpochMetrics metrics, bool isBest);

    /// <summary>Something of the run is not as it could be, and it goes on: one plain sentence.</summary>
    void Noted(string line)
    {
    }

    /// <summary>Work other than steps goes on: evaluation.</summary>
    void Progressed(string what, long done, long total);
}
