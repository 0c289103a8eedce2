using System.Runtime.InteropServices;
using Codat.Native.Autograd.Cpu;
using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Instruction sets of the CPU backend.</summary>
public enum CpuVectors
{
    /// <summary>The widest the processor has.</summary>
    Best,

    /// <summary>Baseline vectors only.</summary>
    Portable,

    /// <summary>AVX2 with FMA.</summary>
    Avx2,

    /// <summary>AVX-512 F.</summary>
    Avx512,
}

/// <summary>How the CPU backend runs.</summary>
public sealed record CpuOptions
{
    /// <summary>Threads in all; 0 means every processor.</summary>
    public int Threads { get; init; }

    /// <summary>Instruction set of the convolution and matrix kernels.</summary>
    public CpuVectors Vectors { get; init; }

    /// <summary>Where memory comes from; null means the operating system.</summary>
    public IHostMemoryResource? Memory { get; init; }
}

/// <summary>The host processor: SIMD kernels on its own threads.</summary>
/// <remarks>Results do not depend on the number of threads.</remarks>
public sealed unsafe class CpuDevice : Device
{
    private readonly StatisticsResource _memory;

    internal CpuDevice(CpuOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        Isa = options.Vectors switch
        {
            CpuVectors.Best => CpuIsaInfo.Best,
            CpuVectors.Portable => CpuIsa.Portable,
            CpuVectors.Avx2 => CpuIsa.Avx2,
            CpuVectors.Avx512 => CpuIsa.Avx512,
            _ => throw new ArgumentOutOfRangeException(nameof(options)),
        };
        if (!CpuIsaInfo.IsSupported(Isa))
            throw new CodatException("the processor lacks the instruction set", "CpuOptions.Vectors",
                $"{CpuIsaInfo.Best} or less", $"{Isa}");
        Workers = new CpuWorkers(options.Threads == 0 ? Environment.ProcessorCount : options.Threads);
        _memory = new StatisticsResource(options.Memory ?? HostMemory.Shared);
    }

    /// <inheritdoc/>
    public override DeviceKind Kind => DeviceKind.Cpu;

    /// <inheritdoc/>
    public override int Threads => Workers.Threads;

    /// <inheritdoc/>
    public override long PeakBytes => _memory.PeakBytes;

    /// <inheritdoc/>
    public override long AllocationCount => _memory.AllocationCount;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Libraries =>
        new Dictionary<string, string> { ["vectors"] = Isa.ToString().ToLowerInvariant() };

    /// <inheritdoc/>
    public override string Description => $"cpu, {Isa.ToString().ToLowerInvariant()}, {Threads} threads";

    /// <summary>Memory this device has allocated for tensors and arenas.</summary>
    public StatisticsResource Memory => _memory;

    internal CpuIsa Isa { get; }

    internal CpuWorkers Workers { get; }

    /// <inheritdoc/>
    public override void Synchronize()
    {
    }

    /// <inheritdoc/>
    public override void Dispose() => Workers.Dispose();

    internal override nint AllocateMemory(long bytes) => _memory.Allocate(checked((nuint)bytes));

    internal override void ReleaseMemory(nint memory, long bytes) => _memory.Release(memory, (nuint)bytes);

    internal override void WriteMemory(nint destination, ReadOnlySpan<byte> source) =>
        source.CopyTo(new Span<byte>((void*)destination, source.Length));

    internal override void ReadMemory(nint source, Span<byte> destination) =>
        new ReadOnlySpan<byte>((void*)source, destination.Length).CopyTo(destination);

    internal override void ClearMemory(nint memory, long bytes) => NativeMemory.Clear((void*)memory, (nuint)bytes);

    internal override GraphBuilder Lower(GraphBuilder graph, PlanOptions options)
    {
        if (options.Precision != PlanPrecision.Float32)
            throw new CodatException("the processor computes in single precision only", "PlanOptions.Precision",
                $"{PlanPrecision.Float32}", $"{options.Precision}", "leave it out, or use a CUDA device");
        return options.PackWeights ? PackWeights.Run(graph, this) : graph;
    }

    internal override void Execute(PlanStep step, nint workspace) =>
        ((CpuKernel)step.Kernel).Run(new CpuCall(step.Inputs, step.Output, workspace, Workers, step.Signature));

    internal override bool TryBind(Op op, in OpSignature signature, out BoundKernel? kernel, out string reason)
    {
        kernel = null;
        reason = "";
        if (op is not ICpuOp cpu)
        {
            reason = "the op has none";
            return false;
        }
        try
        {
            kernel = cpu.CreateCpuKernel(signature, this);
            return true;
        }
        catch (NotSupportedException e)
        {
            reason = e.Message;
            return false;
        }
    }
}
