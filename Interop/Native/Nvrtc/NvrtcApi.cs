using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>The run-time compiler: CUDA C++ text in, machine code out. Needs neither a driver nor a device.</summary>
internal static unsafe partial class NvrtcApi
{
    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcVersion(out int major, out int minor);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial byte* nvrtcGetErrorString(nvrtcResult result);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetNumSupportedArchs(out int numArchs);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetSupportedArchs(int* supportedArchs);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcCreateProgram(out nvrtcProgram prog, byte* src, byte* name, int numHeaders,
        byte** headers, byte** includeNames);

    // Takes the address of the program and clears it.
    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcDestroyProgram(ref nvrtcProgram prog);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcCompileProgram(nvrtcProgram prog, int numOptions, byte** options);

    // The size counts the terminating zero.
    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram prog, out nuint logSizeRet);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetProgramLog(nvrtcProgram prog, byte* log);

    // Zero unless the target is a real architecture (sm_NN).
    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetCUBINSize(nvrtcProgram prog, out nuint cubinSizeRet);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetCUBIN(nvrtcProgram prog, byte* cubin);

    // The size counts the terminating zero.
    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetPTXSize(nvrtcProgram prog, out nuint ptxSizeRet);

    [LibraryImport(LibraryNames.Nvrtc)]
    internal static partial nvrtcResult nvrtcGetPTX(nvrtcProgram prog, byte* ptx);
}
