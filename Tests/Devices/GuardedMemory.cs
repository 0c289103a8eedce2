using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>
/// Memory that starts as NaN in every type, between guards that are checked at release: finds kernels that read what nobody wrote
/// or write past a block's ends.
/// </summary>
internal sealed unsafe class GuardedMemory : IHostMemoryResource
{
    private const int Guard = 4 * HostMemory.Alignment;
    private const byte Pattern = 0xA5;

    /// <summary>One entry for each block that was written outside.</summary>
    public List<string> Damage { get; } = [];

    public int Released { get; private set; }

    public nint Allocate(nuint bytes)
    {
        var block = HostMemory.Shared.Allocate(bytes + 2 * Guard);
        new Span<byte>((void*)block, Guard).Fill(Pattern);
        new Span<byte>((void*)(block + Guard), checked((int)bytes)).Fill(0xFF);
        new Span<byte>((void*)(block + Guard + (nint)bytes), Guard).Fill(Pattern);
        return block + Guard;
    }

    public void Release(nint block, nuint bytes)
    {
        if (new Span<byte>((void*)(block - Guard), Guard).ContainsAnyExcept(Pattern)) Damage.Add($"before a block of {bytes}");
        if (new Span<byte>((void*)(block + (nint)bytes), Guard).ContainsAnyExcept(Pattern)) Damage.Add($"after a block of {bytes}");
        Released++;
        HostMemory.Shared.Release(block - Guard, bytes + 2 * Guard);
    }
}
