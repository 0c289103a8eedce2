using System.Globalization;
using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>Names, texts and advice for driver status codes, also where there is no driver to ask.</summary>
internal static class StatusText
{
    /// <summary>The native name of a status; a number we have no name for is asked of the driver.</summary>
    internal static string Name(CUresult status)
    {
        if (Enum.IsDefined(status)) return status.ToString();
        return Ask(status, wantsName: true) ?? string.Create(CultureInfo.InvariantCulture, $"CUresult {(int)status}");
    }

    /// <summary>The driver's description of a status.</summary>
    internal static string Text(CUresult status) => Ask(status, wantsName: false) ?? "no description available";

    /// <summary>What a person can do about a status, where that is known.</summary>
    internal static string? Advice(CUresult status) => status switch
    {
        CUresult.CUDA_ERROR_NO_DEVICE =>
            "no GPU is visible: check nvidia-smi and CUDA_VISIBLE_DEVICES, or use the CPU",
        CUresult.CUDA_ERROR_STUB_LIBRARY =>
            "the toolkit's stub of the driver library was loaded: remove 'stubs' folders from the library path",
        CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE =>
            "another process holds the device exclusively: wait for it, or change the compute mode",
        CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH =>
            "driver library and kernel module differ in version: restart the machine, or reload the module",
        CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE =>
            "the compatibility driver does not serve this device: take 'compat' folders from the library path",
        CUresult.CUDA_ERROR_SYSTEM_NOT_READY =>
            "the system's GPU services are not up: start the fabric manager, or restart the machine",
        CUresult.CUDA_ERROR_INVALID_CONTEXT or CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED =>
            "the context's owner has destroyed it: keep it alive for as long as it is attached here",
        CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU =>
            "the cubin was built for another architecture: clear the kernel cache",
        CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION =>
            "the compiler is newer than the driver: update the driver, or use an older NVRTC",
        CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES => "the block is too large for the kernel's registers",
        >= CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED and <= CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD =>
            "the capture is lost: an operation that cannot be captured ran on this stream or, on the same device,"
            + " memory was freed by another thread",
        _ when status.IsPoison() =>
            "nothing can succeed in this process any more: start again (train --resume continues from the last saved"
            + " state); compute-sanitizer finds the launch at fault",
        _ => null,
    };

    private static unsafe string? Ask(CUresult status, bool wantsName)
    {
        // A message must not load a driver that nobody has asked for.
        if (!LibraryResolver.IsLoaded(LibraryNames.Cuda)) return null;
        byte* text;
        var answer = wantsName ? CudaApi.cuGetErrorName(status, out text) : CudaApi.cuGetErrorString(status, out text);
        return answer == CUresult.CUDA_SUCCESS && text is not null ? Marshal.PtrToStringUTF8((nint)text) : null;
    }
}
