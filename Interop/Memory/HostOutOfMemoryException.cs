namespace Codat.Native.Interop;

/// <summary>Host memory was refused, by the system or by a limit.</summary>
public sealed class HostOutOfMemoryException(long requestedBytes, string reason, Exception? inner = null)
    : CodatException("out of host memory", "host memory", null, $"a request for {requestedBytes:N0} bytes; {reason}",
        "use a smaller batch or network, or raise the memory limit", isUsage: false, inner)
{
    /// <summary>The size of the request that failed, in bytes.</summary>
    public long RequestedBytes { get; } = requestedBytes;
}
