namespace Codat.Native.Interop;

/// <summary>Where this process looks for NVIDIA's libraries, and where it found them.</summary>
public static class NativeLibraries
{
    /// <summary>The environment variable with folders to look through first, separated as in PATH.</summary>
    public const string PathVariable = LocatorEnvironment.PathVariable;

    /// <summary>The searches made so far, found or not.</summary>
    public static IReadOnlyList<LibraryLoadTrace> Traces => LibraryResolver.Loader.Traces;

    /// <summary>The major version of CUDA whose libraries are used, and why; looks for them first.</summary>
    public static string Toolkit => LibraryResolver.Loader.Choice.ToString();

    /// <summary>Sets where to look first. Only before the first native library is loaded.</summary>
    public static void Configure(NativeLibraryOptions options) => LibraryResolver.Loader.Configure(options);

    /// <summary>Looks for every library, loads what is there, and returns how each search went.</summary>
    public static IReadOnlyList<LibraryLoadTrace> LoadAll()
    {
        var traces = new List<LibraryLoadTrace>();
        foreach (var entry in NativeLibraryCatalog.All)
        {
            LibraryResolver.Loader.TryLoad(entry.LogicalName, out var trace);
            traces.Add(trace);
        }
        return traces;
    }
}
