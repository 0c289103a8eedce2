using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>A kernel with one by-value parameter: the same struct in C# and in CUDA.</summary>
/// <remarks>Holds its module. A launch allocates nothing.</remarks>
internal sealed unsafe class CudaKernel<TArgs> where TArgs : unmanaged
{
    private readonly CudaModule _module;
    private readonly CUfunction _function;
    private uint _maxSharedBytes;

    internal CudaKernel(CudaModule module, CUfunction function, string entry)
    {
        _module = module;
        _function = function;
        Entry = entry;
        _maxSharedBytes = checked((uint)GetAttribute(
            CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES));
    }

    /// <summary>Its name in the module.</summary>
    public string Entry { get; }

    public CudaContext Context => _module.Context;

    /// <summary>The most threads a block of this kernel may have.</summary>
    public int MaxThreadsPerBlock => GetAttribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);

    public int RegistersPerThread => GetAttribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);

    /// <summary>Shared memory declared in the source, in bytes.</summary>
    public int StaticSharedBytes => GetAttribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);

    /// <summary>Registers spilled to memory, in bytes for each thread.</summary>
    public int LocalBytesPerThread => GetAttribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);

    /// <summary>Enqueues one launch; the arguments are copied before this returns.</summary>
    public void Launch(CudaStream stream, in LaunchShape shape, in TArgs args)
    {
        if (shape.IsEmpty) return;
        using var scope = _module.Context.Enter();
        ObjectDisposedException.ThrowIf(_module.IsDisposed, _module);
        if (shape.SharedBytes > _maxSharedBytes) RaiseShared(shape.SharedBytes);
        fixed (TArgs* pointer = &args)
        {
            void* parameter = pointer;
            stream.Probe?.Begin(Entry);
            var status = CudaApi.cuLaunchKernel(_function, shape.GridX, shape.GridY, shape.GridZ, shape.BlockX,
                shape.BlockY, shape.BlockZ, shape.SharedBytes, stream.Handle, &parameter, null);
            if (status != CUresult.CUDA_SUCCESS) ThrowLaunchFailed(status, shape);
            stream.Probe?.End();
        }
    }

    /// <summary>Brings the kernel onto the device, which else happens in the first launch.</summary>
    public void Load()
    {
        if (!CudaCapabilities.HasFuncLoad) return;
        using var scope = _module.Context.Enter();
        CudaApi.cuFuncLoad(_function).ThrowIfFailed();
    }

    /// <summary>How many blocks of this size a multiprocessor can hold at a time.</summary>
    public int GetResidentBlocks(int threads, int sharedBytes = 0)
    {
        using var scope = _module.Context.Enter();
        if (sharedBytes > _maxSharedBytes) RaiseShared((uint)sharedBytes);
        CudaApi.cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, _function, threads,
            checked((nuint)sharedBytes)).ThrowIfFailed();
        return blocks;
    }

    private int GetAttribute(CUfunction_attribute attribute)
    {
        using var scope = _module.Context.Enter();
        CudaApi.cuFuncGetAttribute(out int value, attribute, _function).ThrowIfFailed();
        return value;
    }

    private void RaiseShared(uint bytes)
    {
        // More than the default has to be asked for, once.
        CudaApi.cuFuncSetAttribute(_function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
            checked((int)bytes)).ThrowIfFailed($"cuFuncSetAttribute({Entry}, shared bytes {bytes})");
        _maxSharedBytes = bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowLaunchFailed(CUresult status, in LaunchShape shape) =>
        status.ThrowIfFailed($"cuLaunchKernel({Entry}, {shape})");
}
