using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>Host memory straight from the operating system's allocator, zeroed.</summary>
public sealed unsafe class HostMemory : IHostMemoryResource
{
    /// <summary>Alignment of every block in bytes: a multiple of a cache line and of the widest vector.</summary>
    public const int Alignment = 256;

    /// <summary>The shared instance.</summary>
    public static HostMemory Shared { get; } = new();

    /// <inheritdoc/>
    public nint Allocate(nuint bytes)
    {
        void* block;
        try
        {
            block = NativeMemory.AlignedAlloc(bytes == 0 ? Alignment : bytes, Alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw new HostOutOfMemoryException((long)bytes, "the operating system refused the request", e);
        }
        NativeMemory.Clear(block, bytes);
        return (nint)block;
    }

    /// <inheritdoc/>
    public void Release(nint block, nuint bytes) => NativeMemory.AlignedFree((void*)block);
}
