namespace Codat.Native.Robust;

/// <summary>Options of <c>codat data list|fetch|verify</c>.</summary>
public sealed record DataOptions : CommonOptions
{
    /// <summary>The data sets; empty for all of them.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>The folder that holds them, or null for the default places.</summary>
    public string? Data { get; init; }

    /// <summary>Where files are fetched from instead of their official places, or null.</summary>
    public Uri? Mirror { get; init; }
}
