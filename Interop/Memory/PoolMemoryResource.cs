using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Keeps device memory that was given back and hands it out again, without asking the driver.</summary>
/// <remarks>
/// Takes large segments from its upstream, splits them, and joins free neighbours. A block that a stream gave back goes
/// to the same stream at once; another stream waits, on the device, for what the first has enqueued. In a warm loop
/// nothing reaches the driver and nothing is allocated on the managed heap.
/// </remarks>
public sealed class PoolMemoryResource : IDeviceMemoryResource, IDisposable
{
    /// <summary>The smallest segment taken from the upstream unless told otherwise: 32 MiB.</summary>
    public const long DefaultSegmentBytes = 32L << 20;

    // The driver maps device memory in pages of this size; smaller segments would waste the rest of one.
    private const nuint PageBytes = 2 << 20;

    private readonly IDeviceMemoryResource _upstream;
    private readonly nuint _segmentBytes;
    private readonly Lock _gate = new();
    private readonly PoolBins _bins = new();
    private readonly Dictionary<ulong, PoolBlock> _live = [];
    private readonly Stack<PoolBlock> _spare = [];
    private readonly Action<CudaStream, CudaStream> _order;
    private CudaEvent? _handover;
    private nuint _reserved;
    private nuint _used;
    private int _segments;
    private bool _isDisposed;

    /// <summary>Pools the memory of <paramref name="upstream"/>, in segments of at least the given size.</summary>
    public PoolMemoryResource(IDeviceMemoryResource upstream, long segmentBytes = DefaultSegmentBytes)
        : this(upstream, segmentBytes, null)
    {
    }

    internal PoolMemoryResource(IDeviceMemoryResource upstream, long segmentBytes,
        Action<CudaStream, CudaStream>? order)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentBytes);
        _upstream = upstream;
        _segmentBytes = DeviceBlock.RoundUp((nuint)segmentBytes);
        _order = order ?? WaitOnDevice;
    }

    /// <inheritdoc/>
    public CudaContext Context => _upstream.Context;

    /// <summary>Bytes taken from the upstream.</summary>
    public long ReservedBytes
    {
        get
        {
            lock (_gate) return (long)_reserved;
        }
    }

    /// <summary>Bytes handed out, rounded up to the alignment.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate) return (long)_used;
        }
    }

    /// <inheritdoc/>
    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if ((ulong)bytes > long.MaxValue)
            throw new CudaOutOfMemoryException(long.MaxValue, "no device has so much", Context.Device.ToString());
        nuint rounded = DeviceBlock.RoundUp(bytes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            // A recording may not wait for streams outside it.
            var block = _bins.Find(rounded, stream, takeForeign: !stream.IsCapturing) ?? Grow(rounded, stream);
            if (block.UsedBy is { } other && other != stream) _order(other, stream);
            _bins.Remove(block);
            Split(block, rounded, stream);
            block.IsFree = false;
            block.UsedBy = null;
            block.RequestedBytes = bytes;
            _live.Add(block.Address, block);
            _used += rounded;
            return new DeviceBlock(block.Address, bytes);
        }
    }

    /// <inheritdoc/>
    public void Deallocate(in DeviceBlock block, CudaStream stream)
    {
        lock (_gate)
        {
            if (!_live.Remove(block.Address, out var found))
            {
                Context.Park(new CodatException("memory was given back that the pool has not handed out",
                    string.Create(CultureInfo.InvariantCulture, $"0x{block.Address:x}"), isUsage: false));
                return;
            }
            _used -= found.Bytes;
            found.RequestedBytes = 0;
            found.IsFree = true;
            found.UsedBy = stream;
            found = Join(found);
            _bins.Add(found);
            if (_isDisposed) ReleaseSegments(0);
        }
    }

    /// <summary>Gives segments without a block in use back to the upstream, until no more than some are kept.</summary>
    public void Trim(long keepBytes = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keepBytes);
        lock (_gate) ReleaseSegments((nuint)keepBytes);
    }

    /// <summary>Gives everything back that is not in use; the rest follows when it is given back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            if (_live.Count > 0)
            {
                Context.Park(new CodatException("a memory pool was disposed with blocks in use", "PoolMemoryResource",
                    "no block", string.Create(CultureInfo.InvariantCulture, $"{_live.Count} of {_used:N0} bytes"),
                    "dispose plans and buffers before the pool", isUsage: false));
            }
            ReleaseSegments(0);
            _handover?.Dispose();
        }
    }

    /// <summary>Numbers for messages.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"the pool has {_used:N0} of {_reserved:N0} bytes in use in {_live.Count} blocks and {_segments}"
                + $" segments, the largest free block has {_bins.LargestBytes():N0}");
        }
    }

    private PoolBlock Grow(nuint bytes, CudaStream stream)
    {
        nuint wanted = Math.Max(_segmentBytes, bytes);
        if (wanted >= PageBytes) wanted = DeviceBlock.RoundUp(wanted, PageBytes);
        DeviceBlock segment;
        try
        {
            segment = _upstream.Allocate(wanted, stream);
        }
        catch (CudaOutOfMemoryException e)
        {
            ReleaseSegments(0);
            segment = GrowAgain(wanted, bytes, stream, e);
        }
        var block = Take();
        block.Address = segment.Address;
        block.Bytes = segment.Bytes;
        block.IsFree = true;
        _reserved += segment.Bytes;
        _segments++;
        _bins.Add(block);
        return block;
    }

    private DeviceBlock GrowAgain(nuint wanted, nuint bytes, CudaStream stream, CudaOutOfMemoryException first)
    {
        // What was given back may be enough now; else, no more than what was asked for.
        foreach (nuint size in (ReadOnlySpan<nuint>)[wanted, bytes])
        {
            try
            {
                return _upstream.Allocate(size, stream);
            }
            catch (CudaOutOfMemoryException)
            {
                // The first refusal is the one to report: its numbers are of the moment of the request.
            }
        }
        throw first.With((long)bytes, ToString());
    }

    private void Split(PoolBlock block, nuint bytes, CudaStream stream)
    {
        if (block.Bytes == bytes) return;
        var rest = Take();
        rest.Address = block.Address + bytes;
        rest.Bytes = block.Bytes - bytes;
        rest.IsFree = true;
        // Another stream's work on it has been waited for, if only by this stream.
        rest.UsedBy = block.UsedBy is null ? null : stream;
        rest.Before = block;
        rest.After = block.After;
        if (rest.After is { } after) after.Before = rest;
        block.After = rest;
        block.Bytes = bytes;
        _bins.Add(rest);
    }

    private PoolBlock Join(PoolBlock block)
    {
        if (block.After is { } after && block.CanMerge(after))
        {
            _bins.Remove(after);
            Absorb(block, after);
        }
        if (block.Before is { } before && before.CanMerge(block))
        {
            _bins.Remove(before);
            Absorb(before, block);
            block = before;
        }
        return block;
    }

    private void Absorb(PoolBlock block, PoolBlock next)
    {
        block.Bytes += next.Bytes;
        block.UsedBy ??= next.UsedBy;
        block.After = next.After;
        if (next.After is { } after) after.Before = block;
        next.Clear();
        _spare.Push(next);
    }

    private void ReleaseSegments(nuint keepBytes)
    {
        while (_reserved > keepBytes && _bins.FindFreeSegment(mayMix: !Context.IsCapturing) is { } block)
        {
            _bins.Remove(block);
            while (block.After is { } after)
            {
                // Neighbours that two streams gave back: the later one's order now covers both.
                if (after.UsedBy is { } other && block.UsedBy is { } own && own != other) OrderToRelease(own, other);
                _bins.Remove(after);
                block.UsedBy = after.UsedBy ?? block.UsedBy;
                Absorb(block, after);
            }
            _reserved -= block.Bytes;
            _segments--;
            // A segment is handed out in part as soon as it is taken, so some stream gave it back.
            _upstream.Deallocate(new DeviceBlock(block.Address, block.Bytes), block.UsedBy!);
            block.Clear();
            _spare.Push(block);
        }
    }

    private void OrderToRelease(CudaStream from, CudaStream to)
    {
        try
        {
            _order(from, to);
        }
        catch (Exception e) when (e is CodatException or ObjectDisposedException)
        {
            // A release goes on: the driver itself waits for the device before memory is really gone.
            Context.Park(e);
        }
    }

    private PoolBlock Take() => _spare.TryPop(out var block) ? block : new PoolBlock();

    private void WaitOnDevice(CudaStream from, CudaStream to)
    {
        if (from.IsDisposed)
        {
            // Its work may go on after it, and there is nothing left to wait for but everything.
            Context.Synchronize();
            return;
        }
        _handover ??= CudaEvent.Create(Context);
        from.Record(_handover);
        to.WaitFor(_handover);
    }
}
