using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>
/// Where an engine runs: a device with what was made for it, or one that came with a network and stays its owner's.
/// </summary>
internal sealed class EngineDevice : IDisposable
{
    private readonly bool _owns;
    private CudaStream? _stream;
    private PoolMemoryResource? _pool;
    private EngineMemory? _memory;
    private CudaSession? _session;
    private Device? _device;

    private EngineDevice(bool owns) => _owns = owns;

    public Device Device => _device ?? throw new InvalidOperationException("the device is not open");

    /// <summary>The context; null on the processor.</summary>
    public CudaContext? Context => (_device as CudaDevice)?.Session.Context;

    /// <summary>The order between the host's stream and the engine's; null on the processor.</summary>
    public HostLink? Link { get; private set; }

    /// <summary>True where work goes to the host's own stream.</summary>
    public bool IsAdopted { get; private set; }

    /// <summary>Opens what the options ask for.</summary>
    /// <exception cref="CodatException">They contradict each other, or CUDA refuses.</exception>
    public static EngineDevice Open(CodatEngineOptions options)
    {
        var opened = new EngineDevice(owns: options.Network is null);
        try
        {
            if (options.Network is { } network) opened.Take(network.Device, options);
            else if (options.Context is { } context) opened.OpenCuda(context, options);
            else opened.OpenCpu(options);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Makes the context current for as long as an engine is built: of the many calls none switches.</summary>
    public static ContextScope Enter(CodatEngineOptions options)
    {
        var context = (options.Network?.Device as CudaDevice)?.Session.Context ?? options.Context;
        return context is null ? default : context.Enter();
    }

    /// <summary>Waits until nothing of the engine is under way; throws nothing.</summary>
    public void WaitForWork()
    {
        try
        {
            Link?.Wait();
        }
        catch (Exception e) when (e is CodatException or ObjectDisposedException)
        {
            // A fault is remembered by the context; what is left is to give everything back.
        }
    }

    /// <summary>Gives everything back; what a failed construction left behind too.</summary>
    public void Dispose()
    {
        WaitForWork();
        Link?.Dispose();
        if (!_owns) return;
        _device?.Dispose();
        if (_session is not null)
        {
            _session.IsIdle = Link is not null;
            _session.Dispose();
        }
        if (_session is not null && _memory is not null) _memory.Reclaim(_session.Stream);
        _pool?.Dispose();
        _stream?.Dispose();
    }

    private void OpenCpu(CodatEngineOptions options)
    {
        EngineOptionRules.CheckProcessor(options);
        var memory = options.MemoryLimitBytes is { } limit ? new LimitingResource(HostMemory.Shared, limit) : null;
        _device = Device.Cpu(new CpuOptions { Threads = options.Threads, Memory = memory });
    }

    private void OpenCuda(CudaContext context, CodatEngineOptions options)
    {
        EngineOptionRules.CheckCuda(context, options);
        IsAdopted = options.Mode == HostMode.Adopt;
        if (!IsAdopted) _stream = CudaStream.Create(context);
        var stream = _stream ?? options.HostStream;
        if (stream is null) throw new InvalidOperationException("adopting needs a stream"); // the rules saw to it
        _memory = new EngineMemory(Memory(context, options));
        _session = CudaSession.Create(stream, DeviceCatalog.SessionOptions(options.Precision, options.Determinism) with
        {
            Memory = _memory, KernelCacheFolder = options.KernelCacheFolder,
        });
        _device = Device.Cuda(_session);
        Link = new HostLink(options.HostStream, stream);
    }

    private IDeviceMemoryResource Memory(CudaContext context, CodatEngineOptions options)
    {
        if (options.Memory is { } hosts)
            return options.MemoryLimitBytes is { } most ? new DeviceLimitingResource(hosts, most) : hosts;
        // Below the pool, so that the limit is one of what is taken from the device.
        IDeviceMemoryResource driver = new DriverMemoryResource(context);
        if (options.MemoryLimitBytes is { } limit) driver = new DeviceLimitingResource(driver, limit);
        return _pool = new PoolMemoryResource(driver);
    }

    private void Take(Device device, CodatEngineOptions options)
    {
        _device = device;
        EngineOptionRules.CheckTaken(device, options);
        if (device is not CudaDevice cuda) return;
        IsAdopted = options.HostStream?.DangerousHandle == cuda.Session.Stream.DangerousHandle;
        Link = new HostLink(options.HostStream, cuda.Session.Stream);
    }
}
