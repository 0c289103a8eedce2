namespace Codat.Native.Autograd;

/// <summary>An op's kernel on a CUDA device, fixed to shapes and types.</summary>
internal abstract class CudaOpKernel : BoundKernel, IDisposable
{
    /// <summary>Told the addresses of every later call, once they are known and whenever they change.</summary>
    public virtual void Place(in CudaCall call)
    {
    }

    /// <summary>Enqueues the work of a call: allocates nothing, looks nothing up, waits for nothing.</summary>
    public abstract void Enqueue(in CudaCall call);

    /// <summary>Releases what <see cref="Place"/> has built.</summary>
    public virtual void Dispose()
    {
    }
}

/// <summary>An op with a kernel on CUDA devices.</summary>
internal interface ICudaOp
{
    /// <summary>Creates the kernel for the given types: compiles it and builds what it needs.</summary>
    /// <exception cref="NotSupportedException">These types have no kernel.</exception>
    CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device);
}
