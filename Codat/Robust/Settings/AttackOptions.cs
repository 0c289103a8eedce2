namespace Codat.Native.Robust;

/// <summary>Options of <c>codat attack</c>; null means: as the weight file says, else the preset.</summary>
public sealed record AttackOptions : CheckpointOptions
{
    /// <summary>The images: float32 N,C,H,W in [0,1] or uint8 N,H,W,C.</summary>
    public required string Input { get; init; }

    /// <summary>Their labels.</summary>
    public required string Labels { get; init; }

    /// <summary>Where the adversarial images go: float32 N,C,H,W.</summary>
    public required string Out { get; init; }

    /// <summary>The norm.</summary>
    public Norm? Norm { get; init; }

    /// <summary>The radius.</summary>
    public Magnitude? Eps { get; init; }

    /// <summary>The step.</summary>
    public Magnitude? Step { get; init; }

    /// <summary>The number of steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Where the attack starts inside the ball; ignored where <see cref="StartFile"/> is given.</summary>
    public AttackStart Start { get; init; } = AttackStart.Uniform;

    /// <summary>A file of start images, or null.</summary>
    public string? StartFile { get; init; }

    /// <summary>What batch normalisation does during the attack.</summary>
    public AttackBatchNorm AttackBn { get; init; }

    /// <summary>Where a row per image goes, or null.</summary>
    public string? Report { get; init; }
}
