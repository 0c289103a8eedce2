namespace Codat.Native.Interop;

/// <summary>A call of the run-time compiler failed for another reason than the source.</summary>
public sealed class NvrtcException : CodatException
{
    private const int BuiltinsMissing = 7;

    internal NvrtcException(string call, int status, string text)
        : base("the run-time compiler failed", call, found: $"{text} ({status})",
            fix: status == BuiltinsMissing ? "put libnvrtc-builtins of the same version beside libnvrtc" : null,
            isUsage: false)
        => Status = status;

    /// <summary>The library's own number.</summary>
    public int Status { get; }
}
