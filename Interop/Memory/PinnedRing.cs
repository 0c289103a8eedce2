namespace Codat.Native.Interop;

/// <summary>
/// Slots of page-locked memory used in turn: while the device copies from one, the host fills the next.
/// </summary>
/// <remarks>One thread takes and uploads; others may fill what was taken.</remarks>
internal sealed class PinnedRing : IDisposable
{
    private readonly SlotRing _ring;
    private readonly PinnedBuffer[] _buffers;
    private readonly CudaEvent[] _uploaded;

    public PinnedRing(CudaContext context, int slots, nuint slotBytes)
    {
        _ring = new SlotRing(slots);
        _buffers = new PinnedBuffer[slots];
        _uploaded = new CudaEvent[slots];
        SlotBytes = slotBytes;
        try
        {
            for (int i = 0; i < slots; i++)
            {
                _buffers[i] = PinnedBuffer.Allocate(context, slotBytes);
                // Waiting is for a copy of milliseconds: a sleeping thread leaves the processor to the loaders.
                _uploaded[i] = CudaEvent.Create(context, blocks: true);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int SlotCount => _ring.Count;

    public nuint SlotBytes { get; }

    /// <summary>The memory of a slot that was taken.</summary>
    public Memory<byte> this[int slot] => _buffers[slot].Memory;

    /// <summary>Takes the next slot, after waiting for the device to be finished with it.</summary>
    public int Take()
    {
        if (_ring.MustWait) _uploaded[_ring.Next].Synchronize();
        return _ring.Take();
    }

    /// <summary>Takes the next slot unless the device still uses it.</summary>
    public bool TryTake(out int slot)
    {
        bool isReady = !_ring.MustWait || _uploaded[_ring.Next].Query();
        slot = isReady ? _ring.Take() : -1;
        return isReady;
    }

    /// <summary>
    /// Copies the start of a slot to the device; the slot is free again once the copy is done, or has failed.
    /// </summary>
    public void EnqueueUpload<T>(int slot, DeviceSpan<T> to, CudaStream stream) where T : unmanaged
    {
        try
        {
            stream.EnqueueUpload(_buffers[slot], 0, to);
            stream.Record(_uploaded[slot]);
        }
        catch
        {
            // The copy may be under way: where only the event failed, nothing but the stream can tell.
            WaitToReturn(stream);
            _ring.Return(slot);
            throw;
        }
        _ring.Submit(slot);
    }

    /// <summary>Gives back a slot that was taken and not uploaded.</summary>
    public void Return(int slot) => _ring.Return(slot);

    /// <summary>Waits for the copies under way, then gives the memory back.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _buffers.Length; i++)
        {
            WaitToDispose(_uploaded[i]);
            _uploaded[i]?.Dispose();
            _buffers[i]?.Dispose();
        }
    }

    private static void WaitToReturn(CudaStream stream)
    {
        try
        {
            if (stream.Context.Fault is null && !stream.IsCapturing) stream.Synchronize();
        }
        catch (Exception e) when (e is CodatException or ObjectDisposedException)
        {
            // The error under way is the one to report.
        }
    }

    private static void WaitToDispose(CudaEvent? uploaded)
    {
        try
        {
            if (uploaded is not null && uploaded.Context.Fault is null) uploaded.Synchronize();
        }
        catch (Exception e) when (e is CodatException or ObjectDisposedException)
        {
            // What is left is to give the memory back; the error is not lost for that.
            uploaded?.Context.Park(e);
        }
    }
}
