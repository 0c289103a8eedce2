using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

internal static partial class StatusExtensions
{
    /// <summary>Throws where a call of NVRTC failed; a compilation has its own exception with the log.</summary>
    internal static void ThrowIfFailed(this nvrtcResult status,
        [CallerArgumentExpression(nameof(status))] string? call = null)
    {
        if (status != nvrtcResult.NVRTC_SUCCESS) Throw(status, call);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Throw(nvrtcResult status, string? call) =>
        throw new NvrtcException(NativeCall.Name(call), (int)status,
            NativeCall.Text(NvrtcApi.nvrtcGetErrorString(status)));
}
