namespace Codat.Native.Robust;

/// <summary>Options of <c>codat predict</c>.</summary>
public sealed record PredictOptions : CheckpointOptions
{
    /// <summary>The images: float32 N,C,H,W in [0,1] or uint8 N,H,W,C.</summary>
    public required string Input { get; init; }

    /// <summary>Their labels, or null.</summary>
    public string? Labels { get; init; }

    /// <summary>Where the logits go: float32 N,K.</summary>
    public required string Out { get; init; }
}
