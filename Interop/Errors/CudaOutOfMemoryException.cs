using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Device memory was refused, by the driver, by a limit or by an arena's size.</summary>
public sealed class CudaOutOfMemoryException(long requestedBytes, string statistics, string? device = null,
    Exception? inner = null)
    : CodatException("out of device memory", device ?? "device memory", null,
        Request(requestedBytes) + statistics,
        "use a smaller batch (--batch) or network, close other programs on the device, or raise the memory limit",
        isUsage: false, inner)
{
    /// <summary>The size of the request that failed, in bytes; 0 where the driver did not say.</summary>
    public long RequestedBytes { get; } = requestedBytes;

    /// <summary>Who refused, and how much was in use, reserved and free.</summary>
    public string Statistics { get; } = statistics;

    /// <summary>The device concerned, if known.</summary>
    public string? Device { get; } = device;

    /// <summary>The same refusal, with one more layer's numbers.</summary>
    internal CudaOutOfMemoryException With(long requestedBytes, string moreStatistics) =>
        new(requestedBytes, $"{Statistics}; {moreStatistics}", Device, this);

    private static string Request(long bytes) =>
        bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"a request for {bytes:N0} bytes; ");
}
