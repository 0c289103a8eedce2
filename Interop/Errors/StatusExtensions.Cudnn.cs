using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

internal static partial class StatusExtensions
{
    private const int LastErrorBytes = 2048;

    /// <summary>Throws where a call of cuDNN failed.</summary>
    internal static void ThrowIfFailed(this cudnnStatus_t status,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status != cudnnStatus_t.CUDNN_STATUS_SUCCESS) Throw(status, call);
    }

    /// <summary>The kind of a status.</summary>
    internal static CudnnStatusKind Kind(this cudnnStatus_t status) => ((int)status / 1000, (int)status) switch
    {
        (_, 0) => CudnnStatusKind.Success,
        (1, _) => CudnnStatusKind.NotInitialized,
        (2, _) => CudnnStatusKind.BadParameter,
        (3, _) => CudnnStatusKind.NotSupported,
        (4, _) => CudnnStatusKind.InternalError,
        (5, _) => CudnnStatusKind.ExecutionFailed,
        _ => CudnnStatusKind.Unknown,
    };

    /// <summary>The library's account of this thread's last failure; reading clears it.</summary>
    internal static unsafe string CudnnLastError()
    {
        var buffer = stackalloc byte[LastErrorBytes];
        buffer[0] = 0;
        CudnnApi.cudnnGetLastErrorString(buffer, LastErrorBytes);
        // A text that fills the buffer need not end with a zero.
        buffer[LastErrorBytes - 1] = 0;
        return NativeCall.Text(buffer).Trim();
    }

    /// <summary>Keeps a failure of a release for <see cref="CudaContext.Drain"/>.</summary>
    internal static void ParkIfFailed(this cudnnStatus_t status, CudaContext context,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status != cudnnStatus_t.CUDNN_STATUS_SUCCESS) context.Park(ToException(status, call));
    }

    /// <summary>The error for a status, with the library's own account of it.</summary>
    internal static unsafe CudnnException ToException(this cudnnStatus_t status, string? call)
    {
        // First of all: any other call of the library could overwrite it.
        var detail = CudnnLastError();
        return new CudnnException(NativeCall.Name(call), (int)status, status.Kind(),
            NativeCall.Text(CudnnApi.cudnnGetErrorString(status)), detail, CudaContext.Entered?.Device.ToString());
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw(cudnnStatus_t status, string? call)
    {
        var error = ToException(status, call);
        CudaContext.Entered?.ThrowIfFaulted(error);
        throw error;
    }
}
