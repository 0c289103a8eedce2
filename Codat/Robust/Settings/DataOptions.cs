namespace Codat.Native.Robust;

/// <summary>Options of <c>codat data list|fetch|verify</c>.</summary>
public sealed record DataOptions : CommonOptions
{
    /// <summary>The data sets; empty for all of them.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>The folder that holds them, or null for the default places.</summary>
    public string? Data { get; init; }
}
