using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>A CUDA device: kernels enqueued on the stream of one session.</summary>
/// <remarks>
/// Plans only enqueue; reading a tensor waits. Disposing releases the staging memory, and the session where it is the
/// device's own. One thread at a time.
/// </remarks>
public sealed unsafe class CudaDevice : Device
{
    // Small writes go through page-locked slots, so that the host need not wait for them; large slots are few.
    private const int SmallSlots = 8, LargeSlots = 3;
    private const int SmallBytes = 1 << 20;

    private readonly bool _ownsSession;
    // A constructor that fails half way leaves tensors that nobody holds: the device gives back what is left.
    private readonly Dictionary<nint, long> _memory = [];
    private PinnedRing? _staging;
    private long _stagingBytes = SmallBytes;
    private bool _isDisposed;

    internal CudaDevice(CudaSession session, bool ownsSession) => (Session, _ownsSession) = (session, ownsSession);

    /// <inheritdoc/>
    public override DeviceKind Kind => DeviceKind.Cuda;

    /// <inheritdoc/>
    public override string Description => $"cuda, {Session.Context.Device}";

    /// <summary>The stream, memory and libraries in use.</summary>
    public CudaSession Session { get; }

    /// <inheritdoc/>
    public override long PeakBytes => Session.Memory.PeakBytes;

    /// <inheritdoc/>
    public override long AllocationCount => Session.Memory.AllocationCount;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Libraries => Session.Libraries;

    internal CudaStream Stream => Session.Stream;

    /// <summary>Bytes that tensors can still take: what is free, no more than the session's limit leaves.</summary>
    internal long FreeBytes
    {
        get
        {
            var (free, _) = Session.Context.GetMemory();
            return Session.Options.MemoryLimitBytes is { } limit
                ? Math.Min(free, limit - Session.Memory.LiveBytes)
                : free;
        }
    }

    /// <summary>Blocks of tensors and arenas that have not been released.</summary>
    internal int LiveBlocks => _memory.Count;

    /// <inheritdoc/>
    public override void Synchronize() => Stream.Synchronize();

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _staging?.Dispose();
        foreach (var (memory, bytes) in _memory) Deallocate(memory, bytes);
        _memory.Clear();
        if (!_ownsSession) return;
        Session.Dispose();
        Session.Context.Dispose();
    }

    /// <summary>
    /// A kernel of this library; <paramref name="file"/> lies beside the op, in the assembly of its arguments.
    /// </summary>
    internal CudaKernel<TArgs> Kernel<TArgs>(string file, string entry, in CompileOptions options)
        where TArgs : unmanaged =>
        Session.Kernels.Get<TArgs>(KernelSources.Get(typeof(TArgs).Assembly, file), entry, options);

    internal override nint AllocateMemory(long bytes)
    {
        var memory = (nint)Session.Memory.Allocate(checked((nuint)bytes), Stream).Address;
        _memory.Add(memory, bytes);
        ClearMemory(memory, bytes);
        return memory;
    }

    internal override void ReleaseMemory(nint memory, long bytes)
    {
        if (_memory.Remove(memory)) Deallocate(memory, bytes);
    }

    internal override void WriteMemory(nint destination, ReadOnlySpan<byte> source)
    {
        var target = new DeviceSpan<byte>((ulong)destination, source.Length);
        if (source.Length > _stagingBytes)
        {
            Stream.Upload(source, target);
            return;
        }
        _staging ??= new PinnedRing(
            Session.Context, _stagingBytes > SmallBytes ? LargeSlots : SmallSlots, checked((nuint)_stagingBytes));
        var slot = _staging.Take();
        source.CopyTo(_staging[slot].Span);
        _staging.EnqueueUpload(slot, target, Stream);
    }

    internal override void ReserveStaging(long bytes)
    {
        if (bytes <= _stagingBytes) return;
        _staging?.Dispose();
        (_staging, _stagingBytes) = (null, bytes);
    }

    internal override void ReadMemory(nint source, Span<byte> destination) =>
        Stream.Download(new DeviceSpan<byte>((ulong)source, destination.Length), destination);

    internal override void ClearMemory(nint memory, long bytes) =>
        Stream.EnqueueZero(new DeviceSpan<byte>((ulong)memory, bytes));

    internal override GraphBuilder Lower(GraphBuilder graph, PlanOptions options) =>
        options.Precision == PlanPrecision.BFloat16 ? MixedPrecision.Run(graph) : graph;

    internal override void Placed(PlanStep step, nint workspace) =>
        ((CudaOpKernel)step.Kernel).Place(Call(step, workspace));

    internal override void Released(PlanStep step) => ((CudaOpKernel)step.Kernel).Dispose();

    internal override void Execute(PlanStep step, nint workspace) =>
        ((CudaOpKernel)step.Kernel).Enqueue(Call(step, workspace));

    internal override bool TryBind(Op op, in OpSignature signature, out BoundKernel? kernel, out string reason)
    {
        kernel = null;
        reason = "";
        if (op is not ICudaOp cuda)
        {
            reason = "the op has none";
            return false;
        }
        try
        {
            kernel = cuda.CreateCudaKernel(signature, this);
            return true;
        }
        catch (NotSupportedException e)
        {
            reason = e.Message;
            return false;
        }
    }

    private void Deallocate(nint memory, long bytes) =>
        Session.Memory.Deallocate(new DeviceBlock((ulong)memory, (nuint)bytes), Stream);

    private CudaCall Call(PlanStep step, nint workspace) => new(Stream, step.Inputs, step.Output, workspace);
}
