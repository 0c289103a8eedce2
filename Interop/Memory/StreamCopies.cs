using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>Copies and fills in a stream's order.</summary>
/// <remarks>What is called Enqueue returns at once; Upload and Download return when the copy is done.</remarks>
public static unsafe class StreamCopies
{
    /// <summary>Copies within the device.</summary>
    public static void EnqueueCopy<T>(this CudaStream stream, DeviceSpan<T> from, DeviceSpan<T> to) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckLengths(from.Length, to.Length);
        if (to.IsEmpty) return;
        using var scope = stream.Context.Enter();
        stream.Probe?.Begin("copy");
        CudaApi.cuMemcpyDtoDAsync_v2(to.Pointer, from.Pointer, to.Bytes, stream.Handle).ThrowIfFailed();
        stream.Probe?.End();
    }

    /// <summary>Copies page-locked memory to the device; it must stay as it is until the copy is done.</summary>
    public static void EnqueueUpload<T>(this CudaStream stream, PinnedBuffer from, nuint offsetBytes, DeviceSpan<T> to)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(from);
        byte* source = from.GetPointer(offsetBytes, to.Bytes);
        if (to.IsEmpty) return;
        using var scope = stream.Context.Enter();
        CudaApi.cuMemcpyHtoDAsync_v2(to.Pointer, source, to.Bytes, stream.Handle).ThrowIfFailed();
    }

    /// <summary>Copies to page-locked memory, which must not be read before the copy is done.</summary>
    public static void EnqueueDownload<T>(this CudaStream stream, DeviceSpan<T> from, PinnedBuffer to,
        nuint offsetBytes) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(to);
        byte* target = to.GetPointer(offsetBytes, from.Bytes);
        if (from.IsEmpty) return;
        using var scope = stream.Context.Enter();
        CudaApi.cuMemcpyDtoHAsync_v2(target, from.Pointer, from.Bytes, stream.Handle).ThrowIfFailed();
    }

    /// <summary>Sets every byte to zero.</summary>
    public static void EnqueueZero<T>(this CudaStream stream, DeviceSpan<T> span) where T : unmanaged =>
        EnqueueFill(stream, new DeviceSpan<byte>(span.Pointer, checked((long)span.Bytes)), 0);

    /// <summary>Sets every byte.</summary>
    public static void EnqueueFill(this CudaStream stream, DeviceSpan<byte> span, byte value)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (span.IsEmpty) return;
        using var scope = stream.Context.Enter();
        stream.Probe?.Begin("fill");
        CudaApi.cuMemsetD8Async(span.Pointer, value, span.Bytes, stream.Handle).ThrowIfFailed();
        stream.Probe?.End();
    }

    /// <summary>Sets every element of a four-byte type.</summary>
    public static void EnqueueFill<T>(this CudaStream stream, DeviceSpan<T> span, T value) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (Unsafe.SizeOf<T>() != sizeof(uint))
            throw new NotSupportedException($"{typeof(T).Name} is no four-byte type; fill bytes instead.");
        if (span.IsEmpty) return;
        using var scope = stream.Context.Enter();
        CudaApi.cuMemsetD32Async(span.Pointer, Unsafe.BitCast<T, uint>(value), checked((nuint)span.Length),
            stream.Handle).ThrowIfFailed();
    }

    /// <summary>Copies ordinary memory to the device and waits until it is there.</summary>
    public static void Upload<T>(this CudaStream stream, ReadOnlySpan<T> from, DeviceSpan<T> to) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckLengths(from.Length, to.Length);
        stream.ThrowIfCapturing("wait for");
        if (to.IsEmpty) return;
        using var scope = stream.Context.Enter();
        fixed (T* source = from)
        {
            CudaApi.cuMemcpyHtoDAsync_v2(to.Pointer, source, to.Bytes, stream.Handle).ThrowIfFailed();
            stream.Synchronize();
        }
    }

    /// <summary>Copies device memory to ordinary memory and waits until it is there.</summary>
    public static void Download<T>(this CudaStream stream, DeviceSpan<T> from, Span<T> to) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckLengths(from.Length, to.Length);
        stream.ThrowIfCapturing("wait for");
        if (from.IsEmpty) return;
        using var scope = stream.Context.Enter();
        fixed (T* target = to)
        {
            CudaApi.cuMemcpyDtoHAsync_v2(target, from.Pointer, from.Bytes, stream.Handle).ThrowIfFailed();
            stream.Synchronize();
        }
    }

    private static void CheckLengths(long from, long to)
    {
        if (from != to) throw new ArgumentException($"A copy of {from} elements to a place for {to}.");
    }
}
