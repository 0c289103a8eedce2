using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Finds and loads native libraries, each once, with what they need beside them. Never unloads.</summary>
/// <remarks>Thread-safe. The process has one, behind <see cref="LibraryResolver"/>; tests make their own.</remarks>
internal sealed class LibraryLoader(Func<NativeLibraryOptions, LocatorEnvironment> environment, INativeLoader native)
{
    // NVRTC 11.8 knows sm_90; older ones do not, and their runtime library names differ.
    private static readonly Version s_oldestCompiler = new(11, 8);

    // Its descriptors and their rules are what we speak; a file of this name may still hold another.
    private const int CudnnMajor = 9;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (nint Handle, LibraryLoadTrace Trace)> _loaded = [];
    private NativeLibraryOptions _options = new();
    private LibraryLocator? _locator;
    private CudaToolkitChoice? _choice;

    /// <summary>The major version of CUDA in use; chosen by the first library that depends on it.</summary>
    public CudaToolkitChoice Choice
    {
        get
        {
            lock (_gate) return _choice ??= Choose();
        }
    }

    /// <summary>Whether the compiler found is one that serves for nothing but compiling.</summary>
    public bool IsCompilerOnly { get; private set; }

    /// <summary>What has been looked for so far.</summary>
    public IReadOnlyList<LibraryLoadTrace> Traces
    {
        get
        {
            lock (_gate) return [.. _loaded.Values.Select(l => l.Trace)];
        }
    }

    /// <summary>Sets where to look; only before anything has been looked for.</summary>
    public void Configure(NativeLibraryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.CudaMajor is { } major && !NativeLibraryCatalog.Majors.Contains(major))
        {
            throw new CodatException("this major version of CUDA is not supported", "NativeLibraryOptions.CudaMajor",
                string.Join(" or ", NativeLibraryCatalog.Majors),
                major.ToString(CultureInfo.InvariantCulture));
        }
        lock (_gate)
        {
            if (_locator is not null)
            {
                throw new CodatException("native libraries can be configured only before the first is loaded",
                    "NativeLibraries.Configure", null, string.Join(", ", _loaded.Values.Select(l => l.Trace.Title)),
                    "call it first thing in the program");
            }
            _options = options;
        }
    }

    /// <summary>Whether a library is loaded; looks for nothing.</summary>
    public bool IsLoaded(string logicalName)
    {
        lock (_gate) return _loaded.TryGetValue(logicalName, out var found) && found.Handle != 0;
    }

    /// <summary>The handle of a library, 0 if it cannot be had; the trace tells how it went.</summary>
    public nint TryLoad(string logicalName, out LibraryLoadTrace trace)
    {
        lock (_gate)
        {
            if (!_loaded.TryGetValue(logicalName, out var found))
            {
                found = Search(NativeLibraryCatalog.Get(logicalName));
                _loaded[logicalName] = found;
            }
            trace = found.Trace;
            return found.Handle;
        }
    }

    /// <summary>The handle of a library.</summary>
    public nint Load(string logicalName)
    {
        nint handle = TryLoad(logicalName, out var trace);
        return handle != 0 ? handle : throw NotFound(NativeLibraryCatalog.Get(logicalName), trace);
    }

    private LibraryLocator Locator => _locator ??= new LibraryLocator(environment(_options));

    private NativeLibraryNotFoundException NotFound(NativeLibraryEntry entry, LibraryLoadTrace trace)
    {
        int major = entry.IsToolkit ? Choice.Major : 0;
        string file = entry.Names(OperatingSystem.IsWindows(), major)[0];
        return new NativeLibraryNotFoundException(trace, file, entry.Package(major));
    }

    private (nint Handle, LibraryLoadTrace Trace) Search(NativeLibraryEntry entry)
    {
        var trace = new LibraryLoadTrace(entry.Title);
        int major = entry.IsToolkit ? Choice.Major : 0;
        foreach (string required in entry.Requires)
        {
            if (TryLoad(required, out var needed) == 0)
                trace.Note(LibrarySearchStep.System, needed.Title, "needed first, and not found");
        }
        if (entry.IsToolkit && Choice.Refusal is { } refusal)
        {
            trace.Refuse(refusal);
            return (0, trace);
        }
        nint handle = TryAll(entry, major, trace);
        // Enough to compile with; the version is checked like any other.
        if (handle == 0 && entry.LogicalName == LibraryNames.Nvrtc)
        {
            handle = TryAll(entry, NativeLibraryCatalog.CompileOnlyMajor, trace);
            IsCompilerOnly = handle != 0;
        }
        if (handle == 0 && entry.IsToolkit && Choice.Mismatch is { } mismatch) trace.Refuse(mismatch);
        return (handle, trace);
    }

    private nint TryAll(NativeLibraryEntry entry, int major, LibraryLoadTrace trace)
    {
        foreach (var candidate in Locator.GetCandidates(entry, major))
        {
            nint handle = Try(entry, candidate, trace);
            if (handle == 0) continue;
            var (version, builtFor) = native.ReadVersion(entry.LogicalName, handle);
            if (Objection(entry, major, version, builtFor) is { } objection)
            {
                trace.Reject(candidate, objection);
                continue;
            }
            trace.Hit(candidate, version);
            if (!candidate.IsBareName) LoadBeside(entry.After, candidate.PathOrName, trace);
            return handle;
        }
        return 0;
    }

    private nint Try(NativeLibraryEntry entry, in LibraryCandidate candidate, LibraryLoadTrace trace)
    {
        nint handle;
        if (candidate.Step == LibrarySearchStep.AlreadyLoaded)
        {
            handle = native.FindLoaded(candidate.PathOrName);
            if (handle == 0) trace.Miss(candidate);
            return handle;
        }
        if (!candidate.IsBareName)
        {
            if (!File.Exists(candidate.PathOrName))
            {
                trace.Miss(candidate);
                return 0;
            }
            LoadBeside(entry.Before, candidate.PathOrName, trace);
        }
        if (native.TryLoad(candidate.PathOrName, out handle, out string error)) return handle;
        if (candidate.IsBareName) trace.Note(candidate.Step, candidate.PathOrName, error);
        else trace.Reject(candidate, error);
        return 0;
    }

    private static string? Objection(NativeLibraryEntry entry, int major, string? version, int builtFor)
    {
        if (entry.LogicalName == LibraryNames.Cudnn && Version.TryParse(version, out var cudnn)
            && cudnn.Major != CudnnMajor)
        {
            return string.Create(CultureInfo.InvariantCulture, $"version {version}, and {CudnnMajor} is needed");
        }
        if (entry.LogicalName == LibraryNames.Cudnn && builtFor != 0 && builtFor != major)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"built for CUDA {builtFor}, and CUDA {major} is in use: the two cannot be mixed");
        }
        bool isOld = entry.LogicalName == LibraryNames.Nvrtc && Version.TryParse(version, out var found)
            && found < s_oldestCompiler;
        return isOld ? $"version {version} is older than {s_oldestCompiler}" : null;
    }

    /// <summary>Loads files beside a library, so that a later search by bare name finds these and no others.</summary>
    private void LoadBeside(Func<bool, string[]> patterns, string library, LibraryLoadTrace trace)
    {
        string folder = Path.GetDirectoryName(library)!; // a file that exists has a folder
        List<string> files = [];
        foreach (string pattern in patterns(OperatingSystem.IsWindows()))
        {
            foreach (string file in Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal))
                if (file != library && !files.Contains(file)) files.Add(file);
        }
        for (int i = 0; i < files.Count; i++)
        {
            if (native.TryLoad(files[i], out _, out string error))
            {
                trace.Note(trace.FoundAt ?? LibrarySearchStep.System, files[i], "part loaded");
                continue;
            }
            // Parts without a search path of their own find their siblings' symbols only if those are global.
            bool promoted = false;
            foreach (string sibling in files.Take(i).Prepend(library)) promoted |= native.Promote(sibling);
            bool isLoaded = promoted && native.TryLoad(files[i], out _, out error);
            trace.Note(trace.FoundAt ?? LibrarySearchStep.System, files[i],
                isLoaded ? "part loaded" : $"part not loaded: {error}");
        }
    }

    private CudaToolkitChoice Choose()
    {
        nint driver = TryLoad(LibraryNames.Cuda, out _);
        int major = driver == 0 ? 0 : native.ReadVersion(LibraryNames.Cuda, driver).CudaMajor;
        return CudaToolkitChoice.Choose(major * 1000, _options.CudaMajor, FindFile, FindStep);
    }

    private LibrarySearchStep? FindStep(NativeLibraryEntry entry, int major) =>
        FindFile(entry, major)
        ?? (native.TryLoad(entry.Names(OperatingSystem.IsWindows(), major)[0], out _, out _)
            ? LibrarySearchStep.System
            : null);

    private LibrarySearchStep? FindFile(NativeLibraryEntry entry, int major)
    {
        var file = Locator.FindFile(entry, major);
        if (file is { Step: < LibrarySearchStep.AlreadyLoaded } first) return first.Step;
        string name = entry.Names(OperatingSystem.IsWindows(), major)[0];
        if (native.FindLoaded(name) != 0) return LibrarySearchStep.AlreadyLoaded;
        return file?.Step;
    }
}
