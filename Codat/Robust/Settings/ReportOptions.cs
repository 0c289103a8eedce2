namespace Codat.Native.Robust;

/// <summary>Options of <c>codat report</c>.</summary>
public sealed record ReportOptions : CommonOptions
{
    /// <summary>The run folders, at least one.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>The run the others are compared with, or null.</summary>
    public string? Baseline { get; init; }

    /// <summary>The folder the page goes to, or null for the folder of a single run, else the current one.</summary>
    public string? Out { get; init; }
}
