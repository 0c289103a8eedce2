namespace Codat.Native.Robust;

/// <summary>Options of <c>codat report</c>.</summary>
public sealed record ReportOptions : CommonOptions
{
    /// <summary>Run folders and outputs of <c>codat eval --json</c>, at least one.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>The one of them the others are measured against, or null.</summary>
    public string? Baseline { get; init; }

    /// <summary>The folder the page goes to, or null for the folder of a single run, else the current one.</summary>
    public string? Out { get; init; }
}
