namespace Codat.Native.Robust;

/// <summary>Options of <c>codat profile</c>.</summary>
public sealed record ProfileOptions : CommonOptions
{
    /// <summary>The network.</summary>
    public string Model { get; init; } = "small-cnn";

    /// <summary>Images in a step.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>The method.</summary>
    public ObjectiveKind Objective { get; init; }

    /// <summary>Steps of the attack.</summary>
    public int Steps { get; init; } = 10;

    /// <summary>Timed training steps, after one to warm up.</summary>
    public int Rounds { get; init; } = 10;

    /// <summary>The arithmetic of the network.</summary>
    public PrecisionKind Precision { get; init; }

    /// <summary>What is promised about repeating a step, on a CUDA device: what fast leaves open is timed.</summary>
    public DeterminismKind Determinism { get; init; } = DeterminismKind.Reproducible;

    /// <summary>The file that one step is written to as a Chrome trace; null for none.</summary>
    public string? Timeline { get; init; }
}
