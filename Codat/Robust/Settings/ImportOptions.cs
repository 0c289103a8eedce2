namespace Codat.Native.Robust;

/// <summary>Options of <c>codat import</c>.</summary>
public sealed record ImportOptions : CommonOptions
{
    /// <summary>The foreign file.</summary>
    public required string Input { get; init; }

    /// <summary>Its network.</summary>
    public required string Model { get; init; }

    /// <summary>Its number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>The mean of each channel, or null for no normalisation.</summary>
    public float[]? Mean { get; init; }

    /// <summary>The deviation of each channel, or null for no normalisation.</summary>
    public float[]? Std { get; init; }

    /// <summary>Where the weights go.</summary>
    public required string Out { get; init; }
}
