namespace Codat.Native.Interop;

/// <summary>A plan cuDNN has built, with the descriptors it came from.</summary>
internal sealed class PlanCandidate(BackendDescriptor plan, BackendDescriptor? config, BackendDescriptor? engine,
    long workspaceBytes, string notes, string? json) : IDisposable
{
    internal BackendDescriptor Plan { get; } = plan;

    internal long WorkspaceBytes { get; } = workspaceBytes;

    internal string Notes { get; } = notes;

    internal string? Json { get; } = json;

    public void Dispose()
    {
        Plan.Dispose();
        config?.Dispose();
        engine?.Dispose();
    }
}
