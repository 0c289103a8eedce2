using System.Buffers;
using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>Page-locked host memory: the device copies from and to it while the host goes on.</summary>
public sealed unsafe class PinnedBuffer : IDisposable
{
    private readonly OwnedHandle _handle;

    private PinnedBuffer(OwnedHandle handle, nuint bytes)
    {
        _handle = handle;
        Bytes = bytes;
        Memory = new View(this).Memory;
    }

    /// <summary>The length in bytes.</summary>
    public nuint Bytes { get; }

    /// <summary>The context it was made in; other contexts can use it as well.</summary>
    public CudaContext Context => _handle.Context;

    /// <summary>The memory, for code that fills it on another thread.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>Allocates page-locked memory; its content is undefined.</summary>
    /// <param name="context">Where it is made.</param>
    /// <param name="bytes">Its length, which a span must be able to hold.</param>
    /// <param name="isWriteOnly">Faster to upload, and very slow for the host to read.</param>
    public static PinnedBuffer Allocate(CudaContext context, nuint bytes, bool isWriteOnly = false)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfZero(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (nuint)int.MaxValue);
        using var scope = context.Enter();
        var flags = CUmemHostAlloc_flags.CU_MEMHOSTALLOC_PORTABLE
            | (isWriteOnly ? CUmemHostAlloc_flags.CU_MEMHOSTALLOC_WRITECOMBINED : CUmemHostAlloc_flags.None);
        var status = CudaApi.cuMemHostAlloc(out nint host, bytes, flags);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY)
        {
            throw new HostOutOfMemoryException((long)bytes, "the system refused to page-lock so much",
                status.ToException(context, "cuMemHostAlloc"));
        }
        status.ThrowIfFailed("cuMemHostAlloc");
        return new PinnedBuffer(new OwnedHandle(context, host, &Free), bytes);
    }

    /// <summary>The memory as elements; bytes left over at the end are not part of it.</summary>
    public Span<T> AsSpan<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Memory.Span);

    /// <summary>Gives the memory back. No copy from or to it may be under way.</summary>
    public void Dispose() => _handle.Dispose();

    internal byte* GetPointer(nuint offset, nuint bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Bytes - offset);
        return (byte*)_handle.Get(this) + offset;
    }

    private static void Free(CudaContext context, nint host) => CudaApi.cuMemFreeHost(host).ParkIfFailed(context);

    private sealed class View(PinnedBuffer buffer) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(buffer.GetPointer(0, buffer.Bytes), (int)buffer.Bytes);

        public override MemoryHandle Pin(int elementIndex = 0) =>
            new(buffer.GetPointer((nuint)elementIndex, 0));

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
