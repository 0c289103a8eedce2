namespace Codat.Native.Interop;

/// <summary>What there is to know about finding one native library.</summary>
internal sealed record NativeLibraryEntry
{
    /// <summary>The name used in the declarations of its functions.</summary>
    public required string LogicalName { get; init; }

    /// <summary>The name people know.</summary>
    public required string Title { get; init; }

    /// <summary>What to install to get it, for one major version of CUDA.</summary>
    public required Func<int, string> Package { get; init; }

    /// <summary>File names on Linux for one major version of CUDA, the preferred one first.</summary>
    public required Func<int, string[]> LinuxNames { get; init; }

    /// <summary>File names on Windows for one major version of CUDA, the preferred one first.</summary>
    public required Func<int, string[]> WindowsNames { get; init; }

    /// <summary>Folders inside site-packages where Python wheels put it, for one major version of CUDA.</summary>
    public Func<int, string[]> WheelFolders { get; init; } = _ => [];

    /// <summary>Libraries of ours that must be in the process first.</summary>
    public string[] Requires { get; init; } = [];

    /// <summary>Files beside it that must be loaded before it (patterns).</summary>
    public Func<bool, string[]> Before { get; init; } = _ => [];

    /// <summary>Files beside it that it will look for by bare name later (patterns), loaded after it.</summary>
    public Func<bool, string[]> After { get; init; } = _ => [];

    /// <summary>False for the driver, which does not come in a major version of the toolkit's.</summary>
    public bool IsToolkit { get; init; } = true;

    /// <summary>File names for a platform.</summary>
    public string[] Names(bool isWindows, int major) => isWindows ? WindowsNames(major) : LinuxNames(major);
}
