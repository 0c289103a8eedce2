using System.Reflection;
using System.Runtime.InteropServices;

[assembly: System.Runtime.CompilerServices.DisableRuntimeMarshalling]

namespace Codat.Native.HostSample;

/// <summary>The few driver functions that this application calls itself, as ManagedCuda or ILGPU would for it.</summary>
internal static unsafe partial class Driver
{
    private const string Library = "cuda-driver";

    // The same folder that Codat.Native looks into first, so that both use one driver.
    private const string FolderVariable = "CODAT_CUDA_LIBRARY_PATH";

    static Driver() => NativeLibrary.SetDllImportResolver(typeof(Driver).Assembly, Resolve);

    public static void Check(int status, string call)
    {
        if (status != 0) throw new InvalidOperationException($"{call} gave {status}");
    }

    [LibraryImport(Library)]
    public static partial int cuInit(uint flags);

    [LibraryImport(Library)]
    public static partial int cuDeviceGet(out int device, int ordinal);

    // CUDA 13's header has only a newer form with one parameter more; its driver exports this one too.
    [LibraryImport(Library)]
    public static partial int cuCtxCreate_v2(out nint context, uint flags, int device);

    [LibraryImport(Library)]
    public static partial int cuCtxDestroy_v2(nint context);

    [LibraryImport(Library)]
    public static partial int cuCtxGetCurrent(out nint context);

    [LibraryImport(Library)]
    public static partial int cuStreamCreate(out nint stream, uint flags);

    [LibraryImport(Library)]
    public static partial int cuStreamDestroy_v2(nint stream);

    [LibraryImport(Library)]
    public static partial int cuStreamSynchronize(nint stream);

    [LibraryImport(Library)]
    public static partial int cuMemAlloc_v2(out ulong address, nuint bytes);

    [LibraryImport(Library)]
    public static partial int cuMemFree_v2(ulong address);

    [LibraryImport(Library)]
    public static partial int cuMemHostAlloc(out nint memory, nuint bytes, uint flags);

    [LibraryImport(Library)]
    public static partial int cuMemFreeHost(nint memory);

    [LibraryImport(Library)]
    public static partial int cuMemcpyHtoDAsync_v2(ulong to, nint from, nuint bytes, nint stream);

    [LibraryImport(Library)]
    public static partial int cuMemcpyDtoHAsync_v2(nint to, ulong from, nuint bytes, nint stream);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        var file = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        var configured = folder is null ? null : Path.Combine(folder, file);
        return NativeLibrary.Load(configured is not null && File.Exists(configured) ? configured : file);
    }
}
