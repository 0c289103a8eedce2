using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>
/// Puts guards around every block and looks at them when it is given back; new memory starts as NaN. For debugging:
/// every release waits for the stream.
/// </summary>
internal sealed class GuardedResource(IDeviceMemoryResource upstream, IGuardMemory memory) : IDeviceMemoryResource
{
    /// <summary>Bytes before and after every block.</summary>
    public const int GuardBytes = 4 * DeviceBlock.Alignment;

    private const byte Pattern = 0xA5;
    // NaN in every floating-point type, and no valid address.
    private const byte Fresh = 0xFF;

    private readonly Lock _gate = new();
    private readonly List<string> _damage = [];

    public GuardedResource(IDeviceMemoryResource upstream) : this(upstream, new StreamGuardMemory())
    {
    }

    public CudaContext Context => upstream.Context;

    /// <summary>One entry for each guard that was written over.</summary>
    public IReadOnlyList<string> Damage
    {
        get
        {
            lock (_gate) return [.. _damage];
        }
    }

    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        var outer = upstream.Allocate(checked(DeviceBlock.RoundUp(bytes) + 2 * GuardBytes), stream);
        try
        {
            memory.Fill(outer, Pattern, stream);
            var inner = new DeviceBlock(outer.Address + GuardBytes, bytes);
            if (bytes > 0) memory.Fill(inner, Fresh, stream);
            return inner;
        }
        catch
        {
            upstream.Deallocate(outer, stream);
            throw;
        }
    }

    public void Deallocate(in DeviceBlock block, CudaStream stream)
    {
        nuint rounded = DeviceBlock.RoundUp(block.Bytes);
        var outer = new DeviceBlock(block.Address - GuardBytes, rounded + 2 * GuardBytes);
        try
        {
            Check(new DeviceBlock(outer.Address, GuardBytes), "before", block, stream);
            Check(new DeviceBlock(block.Address + block.Bytes, rounded - block.Bytes + GuardBytes), "after", block,
                stream);
        }
        catch (Exception e) when (e is CodatException or InvalidOperationException)
        {
            // While a stream records, or after it is gone, the guards cannot be read; a release throws nothing.
            Context.Park(e);
        }
        upstream.Deallocate(outer, stream);
    }

    private void Check(in DeviceBlock guard, string side, in DeviceBlock block, CudaStream stream)
    {
        var bytes = new byte[(int)guard.Bytes];
        memory.Read(guard, bytes, stream);
        int at = bytes.AsSpan().IndexOfAnyExcept(Pattern);
        if (at < 0) return;
        // Counted from the block's nearer edge.
        int distance = side == "before" ? bytes.Length - bytes.AsSpan().LastIndexOfAnyExcept(Pattern) : at + 1;
        string text = string.Create(CultureInfo.InvariantCulture,
            $"written {distance} bytes {side} a block of {block.Bytes:N0} bytes");
        lock (_gate) _damage.Add(text);
        Context.Park(new CodatException("device memory was written outside a block", $"0x{block.Address:x}",
            found: text, fix: "the kernel that wrote it ran on this block's stream before its release",
            isUsage: false));
    }
}
