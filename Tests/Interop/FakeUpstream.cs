using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>Device memory that exists only as addresses: counts, checks what comes back, refuses on demand.</summary>
internal sealed class FakeUpstream(long capacity = long.MaxValue) : IDeviceMemoryResource
{
    private ulong _next = 1 << 20;

    public CudaContext Context { get; } = FakeCuda.Context();

    public Dictionary<ulong, nuint> Live { get; } = [];

    public List<nuint> Requests { get; } = [];

    public List<string> Mistakes { get; } = [];

    public long LiveBytes => Live.Values.Sum(b => (long)b);

    /// <summary>How many of the next requests are refused.</summary>
    public int Refusals { get; set; }

    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        Requests.Add(bytes);
        if (Refusals > 0)
        {
            Refusals--;
            throw new CudaOutOfMemoryException((long)bytes, "refused on demand");
        }
        if ((long)bytes > capacity - LiveBytes)
            throw new CudaOutOfMemoryException((long)bytes, $"{LiveBytes} of {capacity} in use");
        ulong address = _next;
        // A gap after every segment: memory of two must never be joined.
        _next += DeviceBlock.RoundUp(bytes) + DeviceBlock.Alignment;
        Live.Add(address, bytes);
        return new DeviceBlock(address, bytes);
    }

    public void Deallocate(in DeviceBlock block, CudaStream stream)
    {
        if (stream is null) Mistakes.Add("no stream");
        if (!Live.Remove(block.Address, out nuint bytes) || bytes != block.Bytes)
            Mistakes.Add($"{block} was not handed out like this");
    }
}
