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

    /// <summary>Work other than steps goes on: evaluation.</summary>
    void Progressed(string what, long done, long total);
}

/// <summary>What an observer needs to know of a run.</summary>
public sealed record TrainingStart
{
    /// <summary>The run folder.</summary>
    public required string Run { get; init; }

    /// <summary>The settings.</summary>
    public required TrainOptions Options { get; init; }

    /// <summary>The device in words.</summary>
    public required string Device { get; init; }

    /// <summary>Names of the classes.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Steps of an epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Steps of the whole run; fewer than epochs times steps per epoch with a limit on steps.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Steps made before this start: 0 unless resumed.</summary>
    public required long FirstStep { get; init; }
}

/// <summary>One step, as an observer sees it.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Steps made since the start of the run.</param>
/// <param name="Loss">Loss of the step.</param>
/// <param name="Lr">Learning rate of the step.</param>
public readonly record struct TrainingStep(int Epoch, long Step, double Loss, double Lr);
