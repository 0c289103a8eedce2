using System.Runtime.InteropServices;
using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>
/// Tensors on their way to the host: each call copies them, in the order of the stream, to the next of a few slots.
/// </summary>
/// <remarks>
/// Enqueuing waits for nothing and allocates nothing; a slot is written over when its turn comes again.
/// </remarks>
internal sealed class ReadBack : IDisposable
{
    private const int Alignment = 16;

    private readonly Device _device;
    private readonly Tensor[] _tensors;
    private readonly int[] _offsets;
    private readonly int _slotBytes, _slots;
    private readonly byte[] _plain = [];
    private readonly PinnedBuffer? _pinned;
    private readonly CudaEvent[] _copied = [];

    public ReadBack(Device device, int slots, params ReadOnlySpan<Tensor> tensors)
    {
        (_device, _slots, _tensors) = (device, slots, tensors.ToArray());
        _offsets = new int[tensors.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            _offsets[i] = _slotBytes;
            _slotBytes = checked(_slotBytes + (int)((tensors[i].Bytes + Alignment - 1) / Alignment * Alignment));
        }
        if (device is not CudaDevice cuda)
        {
            _plain = new byte[checked(slots * _slotBytes)];
            return;
        }
        _copied = new CudaEvent[slots];
        try
        {
            _pinned = PinnedBuffer.Allocate(cuda.Session.Context, checked((nuint)(slots * _slotBytes)));
            for (var i = 0; i < slots; i++) _copied[i] = CudaEvent.Create(cuda.Session.Context, blocks: true);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The number of the last copy, from 1; 0 before the first.</summary>
    public long Last { get; private set; }

    /// <summary>Enqueues a copy of all tensors as they are at this point of the stream; returns its number.</summary>
    public long Enqueue()
    {
        var slot = Slot(Last + 1);
        for (var i = 0; i < _tensors.Length; i++)
        {
            var tensor = _tensors[i];
            if (_pinned is { } pinned)
                ((CudaDevice)_device).Stream.EnqueueDownload( // only there is page-locked memory
                    new DeviceSpan<byte>((ulong)tensor.Address, tensor.Bytes), pinned, (nuint)Offset(slot, i));
            else _device.ReadMemory(tensor.Address, _plain.AsSpan(Offset(slot, i), (int)tensor.Bytes));
        }
        if (_pinned is not null) ((CudaDevice)_device).Stream.Record(_copied[slot]);
        return ++Last;
    }

    /// <summary>Whether a copy has arrived.</summary>
    public bool IsReady(long number) => _pinned is null || _copied[Slot(number)].Query();

    /// <summary>Waits for a copy.</summary>
    /// <exception cref="CodatException">Its slot has been written over.</exception>
    public void Wait(long number)
    {
        if (number <= Last - _slots)
        {
            throw new CodatException("the result is not kept any more", $"result {number}",
                $"one of the last {_slots}", $"{Last - number} newer ones", "read it earlier");
        }
        if (_pinned is not null) _copied[Slot(number)].Synchronize();
    }

    /// <summary>The values of a tensor in a copy that has arrived.</summary>
    public ReadOnlySpan<T> Get<T>(long number, int tensor) where T : unmanaged
    {
        var memory = _pinned is { } pinned ? pinned.Memory.Span : _plain;
        return MemoryMarshal.Cast<byte, T>(memory.Slice(Offset(Slot(number), tensor), (int)_tensors[tensor].Bytes));
    }

    /// <summary>Releases the slots; nothing may be on its way any more.</summary>
    public void Dispose()
    {
        foreach (var e in _copied) e?.Dispose();
        _pinned?.Dispose();
    }

    private int Slot(long number) => (int)((number - 1) % _slots);

    private int Offset(int slot, int tensor) => slot * _slotBytes + _offsets[tensor];
}
