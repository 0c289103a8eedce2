namespace Codat.Native.Interop;

/// <summary>Fills and reads device memory through a stream.</summary>
internal sealed class StreamGuardMemory : IGuardMemory
{
    public void Fill(in DeviceBlock block, byte value, CudaStream stream) =>
        stream.EnqueueFill(new DeviceSpan<byte>(block.Pointer, checked((long)block.Bytes)), value);

    public void Read(in DeviceBlock block, Span<byte> to, CudaStream stream) =>
        stream.Download(new DeviceSpan<byte>(block.Pointer, checked((long)block.Bytes)), to);
}
