using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// Names are the exported symbols: the oldest one that still has the signature wanted (a header's cuMemAlloc is the
// symbol cuMemAlloc_v2). What is newer than driver 12.0 is marked, and asked for in CudaCapabilities before it is
// called.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuInit(uint flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDriverGetVersion(out int driverVersion);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGetErrorName(CUresult error, out byte* text);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGetErrorString(CUresult error, out byte* text);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceGetCount(out int count);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceGet(out int device, int ordinal);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceGetUuid_v2(out CUuuid uuid, int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceTotalMem_v2(out nuint bytes, int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceGetAttribute(out int value, CUdevice_attribute attribute, int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceGetPCIBusId(byte* busId, int length, int device);
}
