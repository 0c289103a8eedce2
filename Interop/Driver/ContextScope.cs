namespace Codat.Native.Interop;

/// <summary>While it lives a context is current on this thread; at the end the caller's own is current again.</summary>
/// <remarks>Scopes nest. A scope inside another of the same context costs two comparisons.</remarks>
public readonly ref struct ContextScope
{
    private readonly CudaContext? _context;
    private readonly CudaContext? _outer;
    private readonly bool _isPushed;

    internal ContextScope(CudaContext context, CudaContext? outer, bool isPushed)
    {
        _context = context;
        _outer = outer;
        _isPushed = isPushed;
    }

    /// <summary>Makes current what was current before.</summary>
    public void Dispose() => _context?.Leave(_outer, _isPushed);
}
