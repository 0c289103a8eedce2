using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>Named ranges on the calling thread, for profilers; the library is optional.</summary>
internal static unsafe partial class NvtxApi
{
    [LibraryImport(LibraryNames.Nvtx)]
    internal static partial int nvtxRangePushA(byte* message);

    [LibraryImport(LibraryNames.Nvtx)]
    internal static partial int nvtxRangePop();
}
