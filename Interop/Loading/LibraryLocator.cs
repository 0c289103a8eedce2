using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>
/// Lists the places where a native library may be, in order; asks the file system which folders there are and loads
/// nothing.
/// </summary>
internal sealed class LibraryLocator(LocatorEnvironment environment)
{
    /// <summary>The places for one library of one major version of CUDA, the best first.</summary>
    public IEnumerable<LibraryCandidate> GetCandidates(NativeLibraryEntry entry, int major)
    {
        string[] names = entry.Names(environment.IsWindows, major);
        foreach (var (step, folder) in GetFolders(entry, major))
        {
            foreach (string name in names)
                yield return new LibraryCandidate(step, folder is null ? name : Path.Combine(folder, name));
        }
    }

    /// <summary>The first place where the file is; null if only the process or the system could know.</summary>
    public LibraryCandidate? FindFile(NativeLibraryEntry entry, int major)
    {
        foreach (var candidate in GetCandidates(entry, major))
            if (!candidate.IsBareName && File.Exists(candidate.PathOrName)) return candidate;
        return null;
    }

    /// <summary>Folders in order; null stands for the bare name.</summary>
    private IEnumerable<(LibrarySearchStep Step, string? Folder)> GetFolders(NativeLibraryEntry entry, int major)
    {
        foreach (string folder in environment.ConfiguredFolders) yield return (LibrarySearchStep.Configured, folder);
        foreach (string folder in environment.VariableFolders) yield return (LibrarySearchStep.Variable, folder);
        yield return (LibrarySearchStep.AlreadyLoaded, null);
        if (entry.IsToolkit)
        {
            foreach (string folder in ApplicationFolders()) yield return (LibrarySearchStep.Application, folder);
            foreach (string folder in PythonFolders(entry, major)) yield return (LibrarySearchStep.Python, folder);
            foreach (string folder in environment.CudaPaths.SelectMany(LibraryFolders))
                yield return (LibrarySearchStep.CudaPath, folder);
            foreach (string folder in Toolkits(major).SelectMany(LibraryFolders))
                yield return (LibrarySearchStep.Toolkit, folder);
        }
        yield return (LibrarySearchStep.System, null);
        if (entry.IsToolkit) yield break;
        foreach (string folder in environment.DriverFolders) yield return (LibrarySearchStep.System, folder);
    }

    private IEnumerable<string> ApplicationFolders()
    {
        if (environment.ApplicationFolder is not { } folder) yield break;
        yield return Path.Combine(folder, "runtimes", environment.RuntimeId, "native");
        yield return folder;
    }

    private IEnumerable<string> PythonFolders(NativeLibraryEntry entry, int major)
    {
        string[] wheels = entry.WheelFolders(major);
        foreach (string packages in PackageFolders())
        {
            foreach (string wheel in wheels)
            {
                string folder = Path.Combine(packages, wheel.Replace('/', Path.DirectorySeparatorChar));
                if (Directory.Exists(folder)) yield return folder;
            }
        }
        // Conda's own packages put libraries straight into the environment.
        if (environment.CondaPrefix is not { } conda) yield break;
        if (environment.IsWindows) yield return Path.Combine(conda, "Library", "bin");
        else foreach (string folder in LibraryFolders(conda)) yield return folder;
    }

    private IEnumerable<string> PackageFolders()
    {
        foreach (string? prefix in new[] { environment.VirtualEnv, environment.CondaPrefix })
        {
            if (prefix is null) continue;
            if (environment.IsWindows) yield return Path.Combine(prefix, "Lib", "site-packages");
            else foreach (string folder in PackageFolders(Path.Combine(prefix, "lib"))) yield return folder;
        }
        foreach (string folder in environment.PythonParents.SelectMany(PackageFolders)) yield return folder;
    }

    private IEnumerable<string> PackageFolders(string parent)
    {
        foreach (string python in Versions(parent, environment.IsWindows ? "Python" : "python", major: null))
        {
            yield return Path.Combine(python, "site-packages");
            if (!environment.IsWindows) yield return Path.Combine(python, "dist-packages");
        }
    }

    private IEnumerable<string> LibraryFolders(string root)
    {
        if (environment.IsWindows)
        {
            yield return Path.Combine(root, "bin", "x64");
            yield return Path.Combine(root, "bin");
            yield break;
        }
        yield return Path.Combine(root, "lib64");
        yield return Path.Combine(root, "lib");
        foreach (string architecture in environment.Architectures)
            yield return Path.Combine(root, "targets", architecture + "-linux", "lib");
    }

    private IEnumerable<string> Toolkits(int major)
    {
        foreach (string parent in environment.ToolkitParents)
        {
            foreach (string toolkit in Versions(parent, environment.IsWindows ? "v" : "cuda-", major))
                yield return toolkit;
            // The link that an installation without a version in its name leaves.
            if (!environment.IsWindows) yield return Path.Combine(parent, "cuda");
        }
    }

    /// <summary>Folders named by a prefix and a version, newest first.</summary>
    private static IEnumerable<string> Versions(string parent, string prefix, int? major)
    {
        if (!Directory.Exists(parent)) return [];
        return Directory.EnumerateDirectories(parent)
            .Where(folder => Path.GetFileName(folder).StartsWith(prefix, StringComparison.Ordinal))
            .Select(folder => (Folder: folder, Version: Version(Path.GetFileName(folder)[prefix.Length..])))
            .Where(found => found.Version is not null && (major is null || found.Version.Major == major))
            .OrderByDescending(found => found.Version)
            .ThenBy(found => found.Folder, StringComparer.Ordinal)
            .Select(found => found.Folder);
    }

    private static Version? Version(string text)
    {
        string[] parts = text.Split('.');
        var numbers = new int[3];
        if (parts.Length > numbers.Length) return null;
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }
        return new Version(numbers[0], numbers[1], numbers[2]);
    }
}
