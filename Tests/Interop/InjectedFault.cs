using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>What the failure of a native call must end in: the exception of its library, with its call and its code.</summary>
internal static class InjectedFault
{
    public const int DnnInternalError = 4000, BlasInternalError = 14, NvrtcInternalError = 11;

    // Give a text or a number and no status, so there is nothing to fail.
    private static readonly string[] s_noStatus =
        ["String", "GetErrorName", "cudnnGetVersion", "cudnnGetCudartVersion", "cublasLtGetVersion", "cublasLtGetCudartVersion", "nvtx"];

    /// <summary>Whether a function tells that it failed.</summary>
    public static bool HasStatus(string symbol) => !s_noStatus.Any(n => symbol.Contains(n, StringComparison.Ordinal));

    /// <summary>The library a function is of, as its name begins.</summary>
    public static string Library(string symbol) =>
        new[] { "cudnn", "cublas", "nvrtc" }.FirstOrDefault(l => symbol.StartsWith(l, StringComparison.Ordinal)) ?? "cu";

    /// <summary>A failure that says nothing in particular, in the numbers of the function's library.</summary>
    public static int Unspecific(string symbol) => Library(symbol) switch
    {
        "cudnn" => DnnInternalError,
        "cublas" => BlasInternalError,
        "nvrtc" => NvrtcInternalError,
        _ => (int)CUresult.CUDA_ERROR_UNKNOWN,
    };

    /// <summary>What is wrong with an error as the end of a failed call, or null.</summary>
    /// <param name="symbol">The function that failed.</param>
    /// <param name="status">What it returned.</param>
    /// <param name="error">What came of it.</param>
    /// <param name="isParked">Whether it was kept for a drain, which leaves the driver's error as it is.</param>
    public static string? Mistake(string symbol, int status, Exception? error, bool isParked = false)
    {
        if (error is null) return "the failure is swallowed";
        var found = Library(symbol) switch
        {
            "cudnn" => error is CudnnException e ? (e.Call, e.Status) : null,
            "cublas" => error is CublasException e ? (e.Call, e.Status) : null,
            "nvrtc" => error is NvrtcException e ? (e.Where ?? "", e.Status) : null,
            _ => OfDriver((CUresult)status, error, isParked) is { } e ? (e.Call, e.Code) : ((string Call, int Status)?)null,
        };
        if (found is not { } named) return $"the wrong type: {error.GetType().Name}: {error.Message}";
        if (named.Call.Split('(', ',')[0] != symbol) return $"another call is named: {named.Call}";
        return named.Status == status
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"the status is {named.Status} instead of {status}");
    }

    /// <summary>The driver's own error under what a status must be thrown as.</summary>
    private static CudaException? OfDriver(CUresult status, Exception error, bool isParked)
    {
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY && !(isParked && error is CudaException))
        {
            // Every layer of memory adds its numbers around the refusal.
            Exception? inner = error;
            while (inner is CudaOutOfMemoryException or HostOutOfMemoryException) inner = inner.InnerException;
            return ReferenceEquals(inner, error) ? null : inner as CudaException;
        }
        // Whoever meets a fault first gets it as it is; what was only remembered is behind the error of the next use.
        if (status.IsPoison() && error is CudaContextPoisonedException later) return later.First;
        return error as CudaException;
    }
}
