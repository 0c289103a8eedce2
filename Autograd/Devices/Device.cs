using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Which kind of processor a device is.</summary>
public enum DeviceKind
{
    /// <summary>The host processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,
}

/// <summary>Where tensors live and plans run.</summary>
/// <remarks>One thread at a time.</remarks>
public abstract class Device : IDisposable
{
    /// <summary>The kind of processor.</summary>
    public abstract DeviceKind Kind { get; }

    /// <summary>A short description: name, vector width, threads.</summary>
    public abstract string Description { get; }

    /// <summary>Host threads that compute, the caller's included.</summary>
    public virtual int Threads => 1;

    /// <summary>The most bytes that tensors and arenas have taken at one time.</summary>
    public abstract long PeakBytes { get; }

    /// <summary>Allocations made for tensors and arenas; constant once a training loop has warmed up.</summary>
    public abstract long AllocationCount { get; }

    /// <summary>What results may depend on besides the program: instruction set, library versions; by name.</summary>
    public abstract IReadOnlyDictionary<string, string> Libraries { get; }

    /// <summary>The host processor with the given options.</summary>
    public static CpuDevice Cpu(CpuOptions? options = null) => new(options ?? new CpuOptions());

    /// <summary>A CUDA device through a session that stays the caller's and outlives the device.</summary>
    public static CudaDevice Cuda(CudaSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new CudaDevice(session, ownsSession: false);
    }

    /// <summary>A CUDA device by its number, with a context and a session of its own.</summary>
    public static CudaDevice Cuda(int ordinal = 0, CudaSessionOptions? options = null)
    {
        var context = CudaContext.RetainPrimary(ordinal);
        try
        {
            return new CudaDevice(CudaSession.Create(context, options), ownsSession: true);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <summary>Allocates a zeroed tensor that the caller owns.</summary>
    public Tensor Allocate(DType type, Shape shape, string name = "tensor") =>
        new(this, type, shape, name, placedLater: false);

    /// <summary>Waits until everything enqueued has finished.</summary>
    public abstract void Synchronize();

    /// <summary>Releases threads and library handles; tensors must be gone before.</summary>
    public abstract void Dispose();

    internal abstract nint AllocateMemory(long bytes);

    internal abstract void ReleaseMemory(nint memory, long bytes);

    /// <summary>Overwrites memory of this device from the host, after everything enqueued before.</summary>
    internal abstract void WriteMemory(nint destination, ReadOnlySpan<byte> source);

    /// <summary>Makes room so that writes of up to so many bytes return before the device has got to them.</summary>
    internal virtual void ReserveStaging(long bytes)
    {
    }

    /// <summary>Copies memory of this device to the host, after everything enqueued before.</summary>
    internal abstract void ReadMemory(nint source, Span<byte> destination);

    /// <summary>Sets memory of this device to zero, after everything enqueued before.</summary>
    internal abstract void ClearMemory(nint memory, long bytes);

    /// <summary>Rewrites a graph into the ops this device has kernels for (packed weights, fused epilogues).</summary>
    internal abstract GraphBuilder Lower(GraphBuilder graph, PlanOptions options);

    /// <summary>Told of a step whose addresses are known or have changed.</summary>
    internal virtual void Placed(PlanStep step, nint workspace)
    {
    }

    /// <summary>Told of a step whose plan will not run any more.</summary>
    internal virtual void Released(PlanStep step)
    {
    }

    /// <summary>Runs one step.</summary>
    internal abstract void Execute(PlanStep step, nint workspace);

    /// <summary>Binds a kernel to one op, or says in <paramref name="reason"/> why there is none.</summary>
    internal abstract bool TryBind(Op op, in OpSignature signature, out BoundKernel? kernel, out string reason);
}
