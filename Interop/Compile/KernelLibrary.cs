using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>The kernels of one device: compiled or fetched once each, then kept.</summary>
/// <remarks>
/// Thread-safe. An image comes from memory, from cubins embedded in this library, from the cache folder, or from the
/// compiler, in this order.
/// </remarks>
internal sealed class KernelLibrary : IDisposable
{
    private readonly CudaContext _context;
    private readonly KernelImages _images;
    private readonly ConcurrentDictionary<string, Lazy<CudaModule>> _modules = new(StringComparer.Ordinal);
    private volatile bool _isDisposed;

    /// <summary>The library of a context's device; a null cache is the default folder.</summary>
    public KernelLibrary(CudaContext context, CubinCache? cache = null)
        : this(context, new KernelImages(cache ?? new CubinCache(), static () => NvrtcCompiler.Find(out _)))
    {
    }

    internal KernelLibrary(CudaContext context, KernelImages images)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _images = images;
    }

    /// <summary>Where compiled kernels are kept.</summary>
    public CubinCache Cache => _images.Cache;

    /// <summary>A kernel that takes a <typeparamref name="TArgs"/> by value; slow the first time.</summary>
    /// <exception cref="NvrtcCompilationException">The source does not compile.</exception>
    public CudaKernel<TArgs> Get<TArgs>(KernelSource source, string entry, in CompileOptions options)
        where TArgs : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(entry);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var architecture = options.Architecture == 0 ? _context.Device.ComputeCapability : options.Architecture;
        var build = KernelBuild.For(source, Unsafe.SizeOf<TArgs>(), options);
        return GetModule(build, architecture).GetKernel<TArgs>(entry);
    }

    /// <summary>Unloads every module; kernels taken from here must not be launched any more.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        foreach (var module in _modules.Values)
            if (module.IsValueCreated) module.Value.Dispose();
        _modules.Clear();
    }

    private CudaModule GetModule(KernelBuild build, int architecture)
    {
        var identity = build.Identity(architecture);
        var module = _modules.GetOrAdd(identity, _ => new Lazy<CudaModule>(() => Load(build, architecture)));
        try
        {
            return module.Value;
        }
        catch (CodatException)
        {
            // A failure is not kept: memory may be free or a library there the next time.
            _modules.TryRemove(KeyValuePair.Create(identity, module));
            throw;
        }
    }

    private CudaModule Load(KernelBuild build, int architecture)
    {
        using var scope = _context.Enter();
        var image = _images.Get(build, architecture);
        try
        {
            return CudaModule.Load(_context, image.Bytes);
        }
        catch (CudaException e) when (image.Origin != KernelOrigin.Compiled && IsBadImage(e.Status))
        {
            // What the driver refuses is of no use to anybody: make it anew.
            _images.Cache.Remove(image.Key);
            return CudaModule.Load(_context, _images.Compile(build, architecture).Bytes);
        }
    }

    private static bool IsBadImage(CUresult status) => status is CUresult.CUDA_ERROR_INVALID_IMAGE
        or CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU or CUresult.CUDA_ERROR_INVALID_PTX
        or CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION or CUresult.CUDA_ERROR_INVALID_SOURCE
        or CUresult.CUDA_ERROR_FILE_NOT_FOUND;
}
