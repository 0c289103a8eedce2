namespace Codat.Native.Robust;

/// <summary>How an engine shares a device with the application around it.</summary>
public enum HostMode
{
    /// <summary>
    /// Work goes to a stream of the engine's own, which waits for the host's stream and is waited for by it, on the
    /// device. A training step is one captured graph after two warm-up steps.
    /// </summary>
    ForkJoin,

    /// <summary>Work is enqueued directly on the host's stream, kernel by kernel; nothing is captured.</summary>
    Adopt,
}
