namespace Codat.Native.Interop;

/// <summary>How a CUDA session works: its memory, its promises about repeating a run, where kernels are kept.</summary>
public sealed record CudaSessionOptions
{
    /// <summary>Where device memory comes from; null means a pool of the session's own over the driver.</summary>
    public IDeviceMemoryResource? Memory { get; init; }

    /// <summary>
    /// The most device memory in bytes the session may take at one time, from the device or from
    /// <see cref="Memory"/>; null means all there is.
    /// </summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>
    /// Guards around every block, looked at when it is given back: writing outside one is thrown by
    /// <see cref="CudaContext.Drain"/>. Slow, as every release waits; true unless told otherwise where the environment
    /// says <c>CODAT_CHECKS=1</c>.
    /// </summary>
    public bool ChecksMemory { get; init; } = Environment.GetEnvironmentVariable("CODAT_CHECKS") == "1";

    /// <summary>What is promised about repeating a run.</summary>
    public Determinism Determinism { get; init; } = Determinism.Reproducible;

    /// <summary>The folder of compiled kernels; null means the user's own.</summary>
    public string? KernelCacheFolder { get; init; }
}
