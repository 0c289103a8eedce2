namespace Codat.Native.Robust;

/// <summary>What an observer needs to know of a run.</summary>
public sealed record TrainingStart
{
    /// <summary>The run folder.</summary>
    public required string Run { get; init; }

    /// <summary>Name of the data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>Name of the network.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the method.</summary>
    public required string Objective { get; init; }

    /// <summary>The device in words.</summary>
    public required string Device { get; init; }

    /// <summary>Why <c>auto</c> did not take a GPU; null where it did or was not asked to.</summary>
    public string? DeviceNote { get; init; }

    /// <summary>Names of the classes.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Epochs of the schedule.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps of an epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Steps of the whole run; fewer than epochs times steps per epoch with <c>--max-steps</c>.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Steps made before this start, 0 unless resumed.</summary>
    public long FirstStep { get; init; }

    /// <summary>Whether the run asks for TensorBoard events.</summary>
    public bool Tensorboard { get; init; }
}
