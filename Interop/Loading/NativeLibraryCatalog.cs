using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>The native libraries: their files, where packages put them, what they need beside them.</summary>
internal static class NativeLibraryCatalog
{
    /// <summary>Major versions of CUDA that are supported, the preferred one first.</summary>
    public static readonly int[] Majors = [13, 12];

    /// <summary>A toolkit whose compiler alone is still good enough, where nothing newer is found.</summary>
    public const int CompileOnlyMajor = 11;

    private static readonly Dictionary<string, NativeLibraryEntry> s_entries = new[]
    {
        new NativeLibraryEntry
        {
            LogicalName = LibraryNames.Cuda,
            Title = "the CUDA driver",
            Package = _ => "install the NVIDIA driver (525 or newer)",
            LinuxNames = _ => ["libcuda.so.1"],
            WindowsNames = _ => ["nvcuda.dll"],
            IsToolkit = false,
        },
        new NativeLibraryEntry
        {
            LogicalName = LibraryNames.Nvrtc,
            Title = "NVRTC",
            Package = major => Pip("cuda-nvrtc", major),
            LinuxNames = major => major == CompileOnlyMajor ? ["libnvrtc.so.11.2"] : [Linux("libnvrtc", major)],
            WindowsNames = major => [Name("nvrtc64_", major, major == CompileOnlyMajor ? "2_0.dll" : "0_0.dll")],
            WheelFolders = major => Wheel("cuda_nvrtc", major),
            // The compiler looks for it by bare name, and its name carries a minor version that is not known before.
            Before = isWindows => [isWindows ? "nvrtc-builtins64_*.dll" : "libnvrtc-builtins.so.*"],
        },
        new NativeLibraryEntry
        {
            LogicalName = LibraryNames.CublasLt,
            Title = "cuBLASLt",
            Package = major => Pip("cublas", major),
            LinuxNames = major => [Linux("libcublasLt", major)],
            WindowsNames = major => [Name("cublasLt64_", major, ".dll")],
            WheelFolders = major => Wheel("cublas", major),
        },
        new NativeLibraryEntry
        {
            LogicalName = LibraryNames.Cublas,
            Title = "cuBLAS",
            Package = major => Pip("cublas", major),
            LinuxNames = major => [Linux("libcublas", major)],
            WindowsNames = major => [Name("cublas64_", major, ".dll")],
            WheelFolders = major => Wheel("cublas", major),
            Requires = [LibraryNames.CublasLt],
        },
        new NativeLibraryEntry
        {
            LogicalName = LibraryNames.Cudnn,
            Title = "cuDNN 9",
            Package = major => string.Create(CultureInfo.InvariantCulture, $"pip install nvidia-cudnn-cu{major}"),
            LinuxNames = _ => ["libcudnn.so.9"],
            WindowsNames = _ => ["cudnn64_9.dll"],
            WheelFolders = _ => ["nvidia/cudnn/lib", "nvidia/cudnn/bin"],
            Requires = [LibraryNames.Nvrtc, LibraryNames.CublasLt, LibraryNames.Cublas],
            // It opens its parts by bare name when they are first needed; the graph part carries the others.
            After = isWindows => isWindows
                ? ["cudnn_graph64_9.dll", "cudnn_ops64_9.dll", "cudnn_cnn64_9.dll", "cudnn_*64_9.dll"]
                : ["libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9", "libcudnn_*.so.9"],
        },
        new NativeLibraryEntry
        {
            LogicalName = LibraryNames.Nvtx,
            Title = "NVTX",
            Package = major => Pip("nvtx", major),
            LinuxNames = _ => ["libnvToolsExt.so.1"],
            WindowsNames = _ => ["nvToolsExt64_1.dll"],
            WheelFolders = major => Wheel("nvtx", major),
        },
    }.ToDictionary(entry => entry.LogicalName);

    /// <summary>All of them, in the order they are loaded in.</summary>
    public static IEnumerable<NativeLibraryEntry> All => s_entries.Values;

    /// <summary>Whether a logical name is one of ours.</summary>
    public static bool Contains(string logicalName) => s_entries.ContainsKey(logicalName);

    /// <summary>The library with a logical name.</summary>
    public static NativeLibraryEntry Get(string logicalName) => s_entries[logicalName];

    // From CUDA 13 on all parts of the toolkit share one folder, and the packages lost their suffix.
    private static string[] Wheel(string part, int major) => major >= 13
        ? [$"nvidia/cu{major}/lib", $"nvidia/cu{major}/bin/x86_64", $"nvidia/cu{major}/bin"]
        : [$"nvidia/{part}/lib", $"nvidia/{part}/bin"];

    private static string Pip(string part, int major) => major >= 13
        ? $"pip install \"nvidia-{part}=={major}.*\""
        : string.Create(CultureInfo.InvariantCulture, $"pip install nvidia-{part}-cu{major}");

    private static string Linux(string stem, int major) =>
        string.Create(CultureInfo.InvariantCulture, $"{stem}.so.{major}");

    private static string Name(string stem, int major, string end) =>
        string.Create(CultureInfo.InvariantCulture, $"{stem}{major}{end}");
}
