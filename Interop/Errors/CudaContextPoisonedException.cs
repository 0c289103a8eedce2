namespace Codat.Native.Interop;

/// <summary>An earlier fault on the device has made the context unusable; the inner exception is that fault.</summary>
public sealed class CudaContextPoisonedException(CudaException first, string device)
    : CodatException("the CUDA context is unusable after an earlier fault", device, null,
        $"{first.Call}: {first.Name}",
        "restart the process: no call in this context can succeed any more; run with CUDA_LAUNCH_BLOCKING=1 to find"
        + " the launch that faulted", isUsage: false, first)
{
    /// <summary>The first fault.</summary>
    public CudaException First { get; } = first;
}
