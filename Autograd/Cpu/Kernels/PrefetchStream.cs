using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// Fetches a range of memory into the cache a few lines at a time, spread over the calls of a kernel that leaves the
/// memory idle.
/// </summary>
internal unsafe struct PrefetchStream
{
    private const int Line = 64;

    private readonly byte* _end;
    private readonly nint _step;
    private byte* _next;

    /// <summary>Spreads the range over this many calls of <see cref="Step"/>.</summary>
    public PrefetchStream(void* start, nint bytes, nint calls)
    {
        _next = (byte*)start;
        _end = _next + Math.Max(bytes, 0);
        _step = (Math.Max(bytes, 0) / calls / Line * Line) + Line;
    }

    /// <summary>Fetches the next lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Step()
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        byte* stop = _end - _next < _step ? _end : _next + _step;
        for (; _next < stop; _next += Line)
        {
            Sse.Prefetch1(_next);
        }
    }
}
