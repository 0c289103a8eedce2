using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>Turns native status codes into exceptions: the only place that throws for them, split by library.</summary>
internal static partial class StatusExtensions
{
    /// <summary>Throws unless the call succeeded; the device is that of the context entered on this thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void ThrowIfFailed(this CUresult status,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status != CUresult.CUDA_SUCCESS) ThrowFailure(status, CudaContext.Entered, call);
    }

    /// <summary>Throws unless the call succeeded, for a call outside a scope of its context.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void ThrowIfFailed(this CUresult status, CudaContext context,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status != CUresult.CUDA_SUCCESS) ThrowFailure(status, context, call);
    }

    /// <summary>Throws unless the call succeeded, for a call about a device that has no context yet.</summary>
    internal static void ThrowIfFailed(this CUresult status, CudaDeviceInfo device,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status == CUresult.CUDA_SUCCESS) return;
        var error = status.ToException(device, call);
        throw status == CUresult.CUDA_ERROR_OUT_OF_MEMORY ? OutOfMemory(error) : error;
    }

    /// <summary>Keeps a failure of a release for <see cref="CudaContext.Drain"/>; true if there was one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool ParkIfFailed(this CUresult status, CudaContext context,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status == CUresult.CUDA_SUCCESS) return false;
        ParkFailure(status, context, call);
        return true;
    }

    /// <summary>The error for a status, without throwing it.</summary>
    internal static CudaException ToException(this CUresult status, CudaContext? context, string? call,
        Exception? inner = null) => status.ToException(context?.Device, call, inner);

    /// <summary>The same before there is a context.</summary>
    internal static CudaException ToException(this CUresult status, CudaDeviceInfo? device, string? call,
        Exception? inner = null) =>
        new(Short(call), (int)status, StatusText.Name(status), StatusText.Text(status), device?.ToString(),
            StatusText.Advice(status), inner);

    /// <summary>True for faults after which no call in the context can succeed.</summary>
    internal static bool IsPoison(this CUresult status) => status is
        CUresult.CUDA_ERROR_ECC_UNCORRECTABLE or CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE
        or CUresult.CUDA_ERROR_CONTAINED or CUresult.CUDA_ERROR_ILLEGAL_ADDRESS
        or CUresult.CUDA_ERROR_LAUNCH_TIMEOUT or CUresult.CUDA_ERROR_ASSERT
        or (>= CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR and <= CUresult.CUDA_ERROR_LAUNCH_FAILED)
        or CUresult.CUDA_ERROR_TENSOR_MEMORY_LEAK;

    /// <summary>True where a context does not exist, or not any more.</summary>
    internal static bool IsLostContext(this CUresult status) =>
        status is CUresult.CUDA_ERROR_INVALID_CONTEXT or CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED;

    /// <summary>True for the errors that end a capture.</summary>
    internal static bool IsCapture(this CUresult status) =>
        status is >= CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
            and <= CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowFailure(CUresult status, CudaContext? context, string? call)
    {
        var error = status.ToException(context, call);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) throw OutOfMemory(error);
        if (context is not null && status.IsPoison()) throw context.Poison(error);
        if (context is { IsOwned: false } && status.IsLostContext()) throw context.Lose(error);
        throw error;
    }

    private static CudaOutOfMemoryException OutOfMemory(CudaException error) =>
        new(0, $"the driver refused {error.Call}", error.Device, error);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ParkFailure(CUresult status, CudaContext context, string? call)
    {
        // The driver is going down with the process, and takes care of everything itself.
        if (status == CUresult.CUDA_ERROR_DEINITIALIZED) return;
        var error = status.ToException(context, call);
        if (status.IsPoison()) context.Poison(error);
        if (!context.IsOwned && status.IsLostContext()) context.Lose(error);
        context.Park(error);
    }

    /// <summary>The call as written in the source, on one line and without the class that declares it.</summary>
    private static string Short(string? call)
    {
        if (call is null) return "a CUDA call";
        string line = string.Join(' ', call.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        int api = line.IndexOf("Api.", StringComparison.Ordinal);
        int arguments = line.IndexOf('(', StringComparison.Ordinal);
        return api >= 0 && api < arguments ? line[(api + "Api.".Length)..] : line;
    }
}
