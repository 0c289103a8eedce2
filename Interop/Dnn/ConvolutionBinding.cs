namespace Codat.Native.Interop;

/// <summary>A planned convolution at fixed addresses.</summary>
/// <remarks>One thread at a time. Dispose it before its plan.</remarks>
internal sealed class ConvolutionBinding : IDisposable
{
    private readonly CudnnHandle _handle;
    private readonly ConvolutionPlan _plan;
    private readonly BackendDescriptor _pack;

    internal ConvolutionBinding(CudnnHandle handle, ConvolutionPlan plan, BackendDescriptor pack)
    {
        _handle = handle;
        _plan = plan;
        _pack = pack;
    }

    /// <summary>Enqueues the convolution on the handle's stream. Allocates nothing.</summary>
    public void Execute()
    {
        using var scope = _handle.Context.Enter();
        var probe = _handle.Stream.Probe;
        probe?.Begin(_plan.Name);
        CudnnApi.cudnnBackendExecute(_handle.Handle, _plan.Descriptor.Handle, _pack.Handle).ThrowIfFailed();
        probe?.End();
    }

    public void Dispose() => _pack.Dispose();
}
