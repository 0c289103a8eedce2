namespace Codat.Native.Interop;

/// <summary>A call of cuDNN failed.</summary>
public sealed class CudnnException : CodatException
{
    internal CudnnException(string call, int status, CudnnStatusKind kind, string text, string detail,
        string? device = null)
        : base("a cuDNN call failed", device is null ? call : $"{call} on {device}",
            found: $"{text} ({status}){(detail.Length > 0 ? ": " + detail : "")}",
            fix: kind == CudnnStatusKind.NotInitialized
                ? "see codat info: all parts of cuDNN must be of one version and CUDA major" : null,
            isUsage: false)
    {
        Call = call;
        Device = device;
        Status = status;
        Kind = kind;
        Detail = detail;
    }

    /// <summary>The native function that failed, with what it was about.</summary>
    public string Call { get; }

    /// <summary>The device concerned, if known.</summary>
    public string? Device { get; }

    /// <summary>The library's own number.</summary>
    public int Status { get; }

    /// <summary>What kind of failure it is.</summary>
    public CudnnStatusKind Kind { get; }

    /// <summary>The library's account of what was wrong, or empty.</summary>
    public string Detail { get; }
}
