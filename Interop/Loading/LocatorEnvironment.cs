using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>Everything outside a search that decides where it looks; tests fill it with folders of their own.</summary>
internal sealed record LocatorEnvironment
{
    /// <summary>Names folders with native libraries, separated as in PATH; looked through first.</summary>
    public const string PathVariable = "CODAT_CUDA_LIBRARY_PATH";

    public required bool IsWindows { get; init; }

    /// <summary>The processor as NVIDIA's folders write it: x86_64, aarch64 or sbsa.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = ["x86_64"];

    /// <summary>As .NET writes it: linux-x64.</summary>
    public string RuntimeId { get; init; } = "linux-x64";

    /// <summary>Folders given in code.</summary>
    public IReadOnlyList<string> ConfiguredFolders { get; init; } = [];

    /// <summary>Folders of <see cref="PathVariable"/>.</summary>
    public IReadOnlyList<string> VariableFolders { get; init; } = [];

    public string? ApplicationFolder { get; init; }

    public string? VirtualEnv { get; init; }

    public string? CondaPrefix { get; init; }

    /// <summary>Folders that hold a python3.N folder with packages: of the user first, then of the system.</summary>
    public IReadOnlyList<string> PythonParents { get; init; } = [];

    /// <summary>CUDA_PATH and CUDA_HOME.</summary>
    public IReadOnlyList<string> CudaPaths { get; init; } = [];

    /// <summary>Folders that hold a folder for each version of the toolkit.</summary>
    public IReadOnlyList<string> ToolkitParents { get; init; } = [];

    /// <summary>Where a driver may be beside what the system's loader searches: containers, WSL.</summary>
    public IReadOnlyList<string> DriverFolders { get; init; } = [];

    /// <summary>This process on this machine.</summary>
    public static LocatorEnvironment Current(IReadOnlyList<string> configuredFolders)
    {
        bool isWindows = OperatingSystem.IsWindows();
        bool isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string data = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData);
        string programs = Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles);
        return new LocatorEnvironment
        {
            IsWindows = isWindows,
            Architectures = isArm ? ["sbsa", "aarch64"] : ["x86_64"],
            RuntimeId = (isWindows ? "win-" : "linux-") + (isArm ? "arm64" : "x64"),
            ConfiguredFolders = configuredFolders,
            VariableFolders = Folders(Environment.GetEnvironmentVariable(PathVariable)),
            ApplicationFolder = AppContext.BaseDirectory,
            VirtualEnv = Variable("VIRTUAL_ENV"),
            CondaPrefix = Variable("CONDA_PREFIX"),
            PythonParents = isWindows
                ? [Path.Combine(data, "Python")]
                : [Path.Combine(home, ".local", "lib"), "/usr/local/lib", "/usr/lib", "/usr/lib64"],
            CudaPaths = [.. new[] { Variable("CUDA_PATH"), Variable("CUDA_HOME") }.OfType<string>().Distinct()],
            ToolkitParents = isWindows
                ? [Path.Combine(programs, "NVIDIA GPU Computing Toolkit", "CUDA")]
                : ["/usr/local", "/opt"],
            DriverFolders = isWindows ? [] : ["/usr/local/nvidia/lib64", "/usr/lib/wsl/lib"],
        };
    }

    /// <summary>The folders of a variable written like PATH.</summary>
    public static IReadOnlyList<string> Folders(string? list) =>
        list is null ? [] : [.. list.Split(Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
