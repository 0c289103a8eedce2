using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>The device memory one run of a CUDA kernel works on, and the stream it is enqueued on.</summary>
internal readonly ref struct CudaCall
{
    private readonly ReadOnlySpan<nint> _inputs;
    private readonly nint _output, _workspace;

    internal CudaCall(CudaStream stream, ReadOnlySpan<nint> inputs, nint output, nint workspace)
    {
        Stream = stream;
        _inputs = inputs;
        _output = output;
        _workspace = workspace;
    }

    /// <summary>Where to enqueue.</summary>
    public CudaStream Stream { get; }

    /// <summary>Address of the output; 0 for an effect.</summary>
    public ulong Output => (ulong)_output;

    /// <summary>Address of scratch memory of as many bytes as the kernel asked for, aligned to 256.</summary>
    public ulong Workspace => (ulong)_workspace;

    /// <summary>Address of input <paramref name="index"/>.</summary>
    public ulong Input(int index) => (ulong)_inputs[index];

    /// <summary>The same call with its result elsewhere.</summary>
    public CudaCall WithOutput(ulong output) => new(Stream, _inputs, (nint)output, _workspace);
}
