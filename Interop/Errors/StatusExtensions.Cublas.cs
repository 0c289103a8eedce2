using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

internal static partial class StatusExtensions
{
    /// <summary>Throws where a call of cuBLAS or cuBLASLt failed.</summary>
    internal static void ThrowIfFailed(this cublasStatus_t status,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status != cublasStatus_t.CUBLAS_STATUS_SUCCESS) Throw(status, call);
    }

    /// <summary>Keeps a failure of a release for <see cref="CudaContext.Drain"/>.</summary>
    internal static void ParkIfFailed(this cublasStatus_t status, CudaContext context,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status != cublasStatus_t.CUBLAS_STATUS_SUCCESS) context.Park(ToException(status, call));
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw(cublasStatus_t status, string? call)
    {
        var error = ToException(status, call);
        CudaContext.Entered?.ThrowIfFaulted(error);
        throw error;
    }

    private static CublasException ToException(cublasStatus_t status, string? call)
    {
        var function = NativeCall.Name(call);
        return new CublasException(function, (int)status, Name(status), Text(status, function),
            CudaContext.Entered?.Device.ToString());
    }

    private static string Name(cublasStatus_t status) =>
        Enum.IsDefined(status) ? status.ToString() : "CUBLAS_STATUS";

    // cuBLASLt is used without cuBLAS and brings a text of its own.
    private static unsafe string Text(cublasStatus_t status, string function) =>
        NativeCall.Text(function.StartsWith("cublasLt", StringComparison.Ordinal)
            ? CublasLtApi.cublasLtGetStatusString(status)
            : CublasApi.cublasGetStatusString(status));
}
