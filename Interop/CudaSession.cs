namespace Codat.Native.Interop;

/// <summary>One stream of a context with all that runs on it: memory, compiled kernels, library handles.</summary>
/// <remarks>
/// The unit of single-threaded use: libraries forbid sharing their handles, and results of cuBLAS depend on the
/// workspace of its stream. Dispose plans and tensors first. Library handles are created when first needed, so a
/// network without convolutions needs no cuDNN.
/// </remarks>
public sealed class CudaSession : IDisposable
{
    /// <summary>The most scratch memory an engine of a library may ask for, in bytes.</summary>
    public const long MaxWorkspaceBytes = 256L << 20;

    private readonly IDisposable? _ownedPool;
    private readonly bool _ownsStream;
    private CublasLtHandle? _lt;
    private MatmulPlanCache? _matmuls;
    private CudnnHandle? _cudnn;
    private ConvolutionPlanCache? _convolutions;
    private bool _isDisposed;

    private CudaSession(CudaStream stream, bool ownsStream, CudaSessionOptions options)
    {
        (Stream, _ownsStream, Options) = (stream, ownsStream, options);
        // Below a pool of our own, so that the limit is one of what is taken from the device.
        var upstream = options.Memory ?? new DriverMemoryResource(stream.Context);
        if (options.MemoryLimitBytes is { } limit) upstream = new DeviceLimitingResource(upstream, limit);
        if (options.Memory is null)
        {
            var pool = new PoolMemoryResource(upstream);
            (upstream, _ownedPool) = (pool, pool);
        }
        if (options.ChecksMemory) upstream = new GuardedResource(upstream);
        Memory = new DeviceStatisticsResource(upstream);
        Kernels = new KernelLibrary(stream.Context,
            options.KernelCacheFolder is { } folder ? new CubinCache(folder) : null);
    }

    /// <summary>The context.</summary>
    public CudaContext Context => Stream.Context;

    /// <summary>
    /// True once the owner has waited for all that the session enqueued: disposing then waits for nothing, as others
    /// may have enqueued more on a borrowed stream.
    /// </summary>
    internal bool IsIdle { get; set; }

    /// <summary>The stream everything is enqueued on.</summary>
    public CudaStream Stream { get; }

    /// <summary>How the session works.</summary>
    public CudaSessionOptions Options { get; }

    /// <summary>The session's device memory, with its numbers.</summary>
    public DeviceStatisticsResource Memory { get; }

    internal KernelLibrary Kernels { get; }

    /// <summary>Matrix products, planned once each.</summary>
    internal MatmulPlanCache Matmuls => _matmuls ??= new MatmulPlanCache(Lt, MaxWorkspaceBytes);

    /// <summary>Convolutions, planned once each.</summary>
    internal ConvolutionPlanCache Convolutions =>
        _convolutions ??= new ConvolutionPlanCache(Cudnn, MaxWorkspaceBytes, new PlanTimer(Memory, Stream));

    /// <summary>Algorithms of the products planned so far; asking loads nothing.</summary>
    internal SortedDictionary<string, string> MatmulPlans => _matmuls?.Export() ?? new(StringComparer.Ordinal);

    /// <summary>Plans of the convolutions so far; asking loads nothing.</summary>
    internal SortedDictionary<string, string> ConvolutionPlans =>
        _convolutions?.Export() ?? new(StringComparer.Ordinal);

    private CublasLtHandle Lt => _lt ??= CublasLtHandle.Create(Context);

    private CudnnHandle Cudnn => _cudnn ??= CudnnHandle.Create(Stream);

    /// <summary>Creates a session on a stream of its own.</summary>
    /// <param name="context">Where; it outlives the session.</param>
    /// <param name="options">How; null means the defaults.</param>
    public static CudaSession Create(CudaContext context, CudaSessionOptions? options = null) =>
        Create(CudaStream.Create(context), ownsStream: true, options);

    /// <summary>Creates a session on a given stream, which stays the caller's.</summary>
    /// <param name="stream">Where everything is enqueued; it outlives the session.</param>
    /// <param name="options">How; null means the defaults.</param>
    public static CudaSession Create(CudaStream stream, CudaSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Create(stream, ownsStream: false, options);
    }

    /// <summary>Versions of what is in use, by name, for the manifest of a run.</summary>
    public IReadOnlyDictionary<string, string> Libraries
    {
        get
        {
            var libraries = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["device"] = Context.Device.ToString(), ["driver"] = CudaDriver.Format(CudaDriver.Version),
            };
            if (NvrtcCompiler.Find(out _) is { } compiler) libraries["nvrtc"] = compiler.VersionText;
            if (_lt is not null) libraries["cublasLt"] = _lt.ToString();
            if (_cudnn is not null) libraries["cudnn"] = _cudnn.ToString();
            return libraries;
        }
    }

    /// <summary>Releases library handles, kernels, the stream and the pool, where they are the session's own.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        WaitToDispose();
        _convolutions?.Dispose();
        _cudnn?.Dispose();
        _matmuls?.Dispose();
        _lt?.Dispose();
        Kernels.Dispose();
        if (_ownsStream) Stream.Dispose();
        _ownedPool?.Dispose();
    }

    private void WaitToDispose()
    {
        try
        {
            if (Context.Fault is null && !IsIdle) Stream.Synchronize();
        }
        catch (CodatException e)
        {
            // What is left is to give everything back.
            Context.Park(e);
        }
    }

    private static CudaSession Create(CudaStream stream, bool ownsStream, CudaSessionOptions? options)
    {
        try
        {
            return new CudaSession(stream, ownsStream, options ?? new CudaSessionOptions());
        }
        catch
        {
            if (ownsStream) stream.Dispose();
            throw;
        }
    }
}
