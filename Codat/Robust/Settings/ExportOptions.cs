namespace Codat.Native.Robust;

/// <summary>Options of <c>codat export</c>.</summary>
public sealed record ExportOptions : CommonOptions
{
    /// <summary>The weight file.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>Where the weights go.</summary>
    public required string Out { get; init; }

    /// <summary>Whether a script that re-checks the weights in PyTorch goes beside them.</summary>
    public bool Kit { get; init; }
}
