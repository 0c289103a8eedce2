namespace Codat.Native.Interop;

/// <summary>A call of cuBLAS or cuBLASLt failed.</summary>
public sealed class CublasException : CodatException
{
    private const int AllocationFailed = 3;

    internal CublasException(string call, int status, string name, string text)
        : base("a matrix library call failed", call, found: $"{name} ({status}): {text}",
            fix: status == AllocationFailed ? "use a smaller batch or network: the library found no memory" : null,
            isUsage: false)
        => Status = status;

    /// <summary>The library's own number.</summary>
    public int Status { get; }
}
