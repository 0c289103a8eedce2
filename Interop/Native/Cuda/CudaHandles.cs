namespace Codat.Native.Interop;

// One type for each kind of handle, so that none can be passed where another is wanted.
internal readonly record struct CUcontext(nint Value);

internal readonly record struct CUstream(nint Value);

internal readonly record struct CUevent(nint Value);

internal readonly record struct CUmodule(nint Value);

internal readonly record struct CUfunction(nint Value);

internal readonly record struct CUgraph(nint Value);

internal readonly record struct CUgraphExec(nint Value);

internal readonly record struct CUgraphNode(nint Value);

internal readonly record struct CUmemoryPool(nint Value);

/// <summary>An address on a device; always 64 bits.</summary>
internal readonly record struct CUdeviceptr(ulong Value)
{
    public static CUdeviceptr operator +(CUdeviceptr address, nuint bytes) => new(checked(address.Value + bytes));
}
