using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>The memory one run of a CPU kernel works on.</summary>
public readonly unsafe ref struct CpuCall
{
    private readonly ReadOnlySpan<nint> _inputs;
    private readonly OpSignature _signature;

    internal CpuCall(ReadOnlySpan<nint> inputs, nint output, nint workspace, CpuWorkers workers, OpSignature signature)
    {
        _inputs = inputs;
        OutputPointer = (void*)output;
        WorkspacePointer = (byte*)workspace;
        Workers = workers;
        _signature = signature;
    }

    internal CpuWorkers Workers { get; }

    internal void* OutputPointer { get; }

    internal byte* WorkspacePointer { get; }

    internal void* InputPointer(int index) => (void*)_inputs[index];

    /// <summary>Input <paramref name="index"/> as elements, row-major.</summary>
    public ReadOnlySpan<T> Input<T>(int index) where T : unmanaged =>
        new((void*)_inputs[index], checked((int)_signature.Input(index).Shape.Count));

    /// <summary>Input <paramref name="index"/> of an effect, to be overwritten.</summary>
    public Span<T> Mutable<T>(int index) where T : unmanaged =>
        new((void*)_inputs[index], checked((int)_signature.Input(index).Shape.Count));

    /// <summary>The output as elements, row-major.</summary>
    public Span<T> Output<T>() where T : unmanaged => new(OutputPointer, checked((int)_signature.Output.Shape.Count));
}
