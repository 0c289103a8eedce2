using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>A context borrowed from the host application does not exist, or not any more.</summary>
/// <remarks>Everything made in it went with it; disposing what used it is still right, and calls nothing.</remarks>
public sealed class CudaContextLostException : CodatException
{
    internal CudaContextLostException(CudaException cause, nint context)
        : base("the attached CUDA context does not exist", Describe(context), "a live context of this process",
            $"{cause.Name}: {cause.Text}",
            "attach the context while its owner keeps it alive, and dispose of what uses it before it is destroyed",
            isUsage: false, cause) =>
        Cause = cause;

    /// <summary>What the driver said.</summary>
    public CudaException Cause { get; }

    internal static string Describe(nint context) =>
        string.Create(CultureInfo.InvariantCulture, $"context 0x{context:x}");
}
