namespace Codat.Native.Interop;

/// <summary>The order in which slots go round: filled by the host, in use by the device, filled again.</summary>
internal sealed class SlotRing
{
    private readonly State[] _states;
    private int _next;

    public SlotRing(int slots)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        _states = new State[slots];
    }

    private enum State : byte
    {
        Free,
        Filling,
        InFlight,
    }

    public int Count => _states.Length;

    /// <summary>The slot whose turn it is.</summary>
    public int Next => _next;

    /// <summary>Whether the device may still use the slot whose turn it is.</summary>
    public bool MustWait => _states[_next] == State.InFlight;

    /// <summary>Takes the slot whose turn it is; the device must have finished with it.</summary>
    public int Take()
    {
        int slot = _next;
        if (_states[slot] == State.Filling)
            throw new InvalidOperationException($"All {Count} slots are being filled; submit or return one first.");
        _states[slot] = State.Filling;
        _next = (slot + 1) % Count;
        return slot;
    }

    /// <summary>Hands a filled slot to the device.</summary>
    public void Submit(int slot) => Leave(slot, State.InFlight);

    /// <summary>Gives back a slot that was not used.</summary>
    public void Return(int slot) => Leave(slot, State.Free);

    private void Leave(int slot, State next)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Count);
        if (_states[slot] != State.Filling) throw new InvalidOperationException($"Slot {slot} is not being filled.");
        _states[slot] = next;
    }
}
