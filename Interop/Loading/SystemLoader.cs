using System.Globalization;
using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>The operating system's loader.</summary>
internal sealed unsafe class SystemLoader : INativeLoader
{
    public nint FindLoaded(string fileName) => DynamicLoader.FindLoaded(fileName);

    public bool Promote(string path) => DynamicLoader.Promote(path);

    public bool TryLoad(string pathOrName, out nint handle, out string error)
    {
        try
        {
            handle = NativeLibrary.Load(pathOrName);
            error = "";
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            handle = 0;
            error = FirstLine(e.Message);
            return false;
        }
    }

    public (string? Text, int CudaMajor) ReadVersion(string logicalName, nint handle) => logicalName switch
    {
        LibraryNames.Cuda => Driver(handle),
        LibraryNames.Nvrtc => Nvrtc(handle),
        LibraryNames.CublasLt => (Packed(Size(handle, "cublasLtGetVersion")), 0),
        LibraryNames.Cublas => (Cublas(handle), 0),
        LibraryNames.Cudnn => (Cudnn(Size(handle, "cudnnGetVersion")),
            (int)(Size(handle, "cudnnGetCudartVersion") / 1000)),
        _ => (null, 0),
    };

    private static (string?, int) Driver(nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, "cuDriverGetVersion", out nint symbol)) return (null, 0);
        int version;
        return ((delegate* unmanaged<int*, int>)symbol)(&version) == 0
            ? (CudaDriver.Format(version), version / 1000)
            : (null, 0);
    }

    private static (string?, int) Nvrtc(nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, "nvrtcVersion", out nint symbol)) return (null, 0);
        int major, minor;
        return ((delegate* unmanaged<int*, int*, int>)symbol)(&major, &minor) == 0
            ? (string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}"), major)
            : (null, 0);
    }

    private static string? Cublas(nint handle)
    {
        if (!NativeLibrary.TryGetExport(handle, "cublasGetProperty", out nint symbol)) return null;
        var ask = (delegate* unmanaged<int, int*, int>)symbol;
        var parts = stackalloc int[3];
        for (int i = 0; i < 3; i++)
        {
            if (ask(i, parts + i) != 0) return null;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{parts[0]}.{parts[1]}.{parts[2]}");
    }

    // Up to 8 the major version counts thousands.
    private static string? Cudnn(nuint version) => version is 0 or >= 10000
        ? Packed(version)
        : string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version / 100 % 10}.{version % 100}");

    private static nuint Size(nint handle, string function) =>
        NativeLibrary.TryGetExport(handle, function, out nint symbol) ? ((delegate* unmanaged<nuint>)symbol)() : 0;

    private static string? Packed(nuint version) => version == 0
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{version / 10000}.{version / 100 % 100}.{version % 100}");

    // The runtime adds what it tried by itself; the system's own words come first.
    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
