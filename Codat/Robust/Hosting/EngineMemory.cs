using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>
/// Remembers what it has handed out, so that everything goes back to where it came from, also when building an engine
/// fails halfway.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EngineMemory(IDeviceMemoryResource upstream) : IDeviceMemoryResource
{
    private readonly Dictionary<ulong, DeviceBlock> _live = [];
    private readonly Lock _gate = new();

    public CudaContext Context => upstream.Context;

    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        var block = upstream.Allocate(bytes, stream);
        lock (_gate) _live.Add(block.Address, block);
        return block;
    }

    public void Deallocate(in DeviceBlock block, CudaStream stream)
    {
        lock (_gate) _live.Remove(block.Address);
        upstream.Deallocate(block, stream);
    }

    /// <summary>Gives back what is left.</summary>
    public void Reclaim(CudaStream stream)
    {
        lock (_gate)
        {
            foreach (var block in _live.Values) upstream.Deallocate(block, stream);
            _live.Clear();
        }
    }
}
