namespace Codat.Native.Robust;

/// <summary>Options of <c>codat train --resume</c>: everything else is in the run folder.</summary>
public sealed record ResumeOptions : CommonOptions
{
    /// <summary>The run folder.</summary>
    public required string Resume { get; init; }
}
