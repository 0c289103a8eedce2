namespace Codat.Native.Interop;

/// <summary>A call of cuBLAS or cuBLASLt failed.</summary>
public sealed class CublasException : CodatException
{
    private const int AllocationFailed = 3;

    internal CublasException(string call, int status, string name, string text, string? device = null)
        : base("a matrix library call failed", device is null ? call : $"{call} on {device}",
            found: $"{name} ({status}): {text}",
            fix: status == AllocationFailed ? "use a smaller batch or network: the library found no memory" : null,
            isUsage: false)
        => (Call, Status, Device) = (call, status, device);

    /// <summary>The native function that failed.</summary>
    public string Call { get; }

    /// <summary>The library's own number.</summary>
    public int Status { get; }

    /// <summary>The device concerned, if known.</summary>
    public string? Device { get; }
}
