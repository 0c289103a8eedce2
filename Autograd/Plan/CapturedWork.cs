using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Work of a CUDA device recorded once as a graph and launched as a whole, at the same addresses.</summary>
/// <remarks>
/// Everything recorded must have run before, so that kernels are loaded and libraries have made what they make on first
/// use. Dispose it before the memory and plans it uses. One thread at a time.
/// </remarks>
internal sealed class CapturedWork : IDisposable
{
    private readonly CudaGraphExec _executable;
    private readonly CudaStream _stream;

    private CapturedWork(CudaGraphExec executable, CudaStream stream, int nodes) =>
        (_executable, _stream, NodeCount) = (executable, stream, nodes);

    /// <summary>Operations in the graph.</summary>
    public int NodeCount { get; }

    /// <summary>Records what an action enqueues; nothing of it runs.</summary>
    /// <exception cref="CodatException">Something of it cannot be recorded; the stream is as before.</exception>
    public static CapturedWork Record(CudaDevice device, Action enqueue)
    {
        var stream = device.Stream;
        using var capture = stream.BeginCapture();
        enqueue();
        using var graph = capture.End();
        var nodes = graph.NodeCount;
        if (nodes == 0)
            throw new CodatException(
                "nothing was recorded", "CUDA graph", "at least one operation", "none", isUsage: false);
        var executable = graph.Instantiate();
        try
        {
            executable.Upload(stream);
            return new CapturedWork(executable, stream, nodes);
        }
        catch
        {
            executable.Dispose();
            throw;
        }
    }

    /// <summary>Enqueues all of it.</summary>
    public void Launch() => _executable.Launch(_stream);

    public void Dispose() => _executable.Dispose();
}
