using System.Collections.Concurrent;

namespace Codat.Native.Interop;

/// <summary>
/// Native objects that are to be released later: finalizers may not call CUDA, and nothing may be freed during a
/// capture.
/// </summary>
/// <remarks>Thread-safe. Whoever owns the context runs it.</remarks>
internal sealed unsafe class DeferredReleaseQueue
{
    private readonly ConcurrentQueue<Entry> _entries = new();

    /// <summary>The number of objects waiting.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds an object and what releases it, which parks its errors and throws nothing.</summary>
    public void Enqueue(nint handle, delegate*<CudaContext, nint, void> release) =>
        _entries.Enqueue(new Entry(handle, release));

    /// <summary>Releases everything waiting, oldest first; returns the number released.</summary>
    public int Run(CudaContext context)
    {
        int count = 0;
        for (; _entries.TryDequeue(out var entry); count++) entry.Release(context, entry.Handle);
        return count;
    }

    /// <summary>Drops everything waiting; returns the number dropped.</summary>
    public int Forget()
    {
        int count = 0;
        for (; _entries.TryDequeue(out _); count++)
        {
        }
        return count;
    }

    private readonly struct Entry(nint handle, delegate*<CudaContext, nint, void> release)
    {
        public readonly nint Handle = handle;
        public readonly delegate*<CudaContext, nint, void> Release = release;
    }
}
