namespace Codat.Native.Interop;

/// <summary>A native library is not on this machine, or what is there cannot be used; the trace says where it was
/// looked for.</summary>
public sealed class NativeLibraryNotFoundException(LibraryLoadTrace trace, string file, string package)
    : CodatException(trace.LastRejection is null ? $"{trace.Title} was not found" : $"{trace.Title} cannot be used",
        "native libraries", file, trace.LastRejection ?? $"none in {trace.AttemptCount} places",
        $"{package}, or set {LocatorEnvironment.PathVariable} to the folder that holds {file}", isUsage: false)
{
    /// <summary>Every place tried, and what was there.</summary>
    public LibraryLoadTrace Trace { get; } = trace;

    /// <summary>The message, the stack and then every place tried.</summary>
    public override string ToString() => $"{base.ToString()}\n{Trace}";
}
