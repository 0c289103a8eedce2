namespace Codat.Native.Cli;

/// <summary>What a view needs to know of a run.</summary>
internal sealed record TrainingStart
{
    /// <summary>The run folder.</summary>
    public required string Run { get; init; }

    public required string Dataset { get; init; }

    public required string Model { get; init; }

    public required string Objective { get; init; }

    /// <summary>The device in words.</summary>
    public required string Device { get; init; }

    public required IReadOnlyList<string> ClassNames { get; init; }

    public required int Epochs { get; init; }

    public required int StepsPerEpoch { get; init; }

    /// <summary>Steps of the whole run; fewer than epochs times steps per epoch with <c>--max-steps</c>.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Steps made before this start, 0 unless resumed.</summary>
    public long FirstStep { get; init; }
}
