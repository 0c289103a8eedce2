using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>A folder tree of empty files in which a search can be tried.</summary>
internal sealed class LibraryTree : IDisposable
{
    private readonly TempFolder _folder = new();

    private LibraryTree()
    {
    }

    public static LibraryTree Plant() => new();

    /// <summary>A machine on which nothing is installed; every place that a search knows is in the tree.</summary>
    public LocatorEnvironment Empty(bool isWindows = false) => new()
    {
        IsWindows = isWindows,
        ApplicationFolder = At("app"),
        PythonParents = [At("home/.local/lib"), At("usr/local/lib"), At("usr/lib")],
        ToolkitParents = [At("usr/local")],
        DriverFolders = [At("usr/local/nvidia/lib64")],
    };

    public string At(string path) => Path.Combine(_folder.Path, path.Replace('/', Path.DirectorySeparatorChar));

    public string Add(string file) => _folder.Write(file, []);

    public void Dispose() => _folder.Dispose();
}
