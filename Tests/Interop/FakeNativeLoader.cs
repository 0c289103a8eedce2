using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>A loader that loads nothing: what it is asked is kept, what it answers is set.</summary>
internal sealed class FakeNativeLoader : INativeLoader
{
    private readonly List<string> _handles = [];

    /// <summary>File names that are in the process from the start.</summary>
    public HashSet<string> InProcess { get; } = [];

    /// <summary>Bare names that the system's own search finds.</summary>
    public HashSet<string> InSystem { get; } = [];

    /// <summary>Files that are there and cannot be loaded, with why.</summary>
    public Dictionary<string, string> Broken { get; } = [];

    /// <summary>Files that can be loaded only once another has been promoted.</summary>
    public Dictionary<string, string> NeedsPromoted { get; } = [];

    /// <summary>Versions by logical name: text, and the major of CUDA built for; by path where they differ.</summary>
    public Dictionary<string, (string? Text, int CudaMajor)> Versions { get; } = new()
    {
        [LibraryNames.Cuda] = ("13.0", 13), [LibraryNames.Nvrtc] = ("12.4", 12), [LibraryNames.Cudnn] = ("9.12.0", 12),
    };

    /// <summary>What was loaded, in order.</summary>
    public List<string> Loaded { get; } = [];

    public HashSet<string> Promoted { get; } = [];

    public nint FindLoaded(string fileName) => InProcess.Contains(fileName) ? HandleOf("process:" + fileName) : 0;

    public bool Promote(string path) => Promoted.Add(path) || true;

    public bool TryLoad(string pathOrName, out nint handle, out string error)
    {
        handle = 0;
        if (Broken.TryGetValue(Path.GetFileName(pathOrName), out error!)) return false;
        error = "cannot open shared object file";
        if (!Path.IsPathRooted(pathOrName) && !InSystem.Contains(pathOrName)) return false;
        if (NeedsPromoted.TryGetValue(Path.GetFileName(pathOrName), out string? other) && !Promoted.Any(p => Path.GetFileName(p) == other))
        {
            error = "undefined symbol";
            return false;
        }
        Loaded.Add(pathOrName);
        handle = HandleOf(pathOrName);
        return true;
    }

    public (string? Text, int CudaMajor) ReadVersion(string logicalName, nint handle) =>
        Versions.TryGetValue(_handles[(int)handle - 1], out var own) ? own
        : Versions.TryGetValue(logicalName, out var version) ? version : (null, 0);

    private nint HandleOf(string name)
    {
        if (!_handles.Contains(name)) _handles.Add(name);
        return _handles.IndexOf(name) + 1;
    }
}
