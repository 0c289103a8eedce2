namespace Codat.Native.Autograd.Cpu;

/// <summary>Told of every stretch of work that a thread has done for a kernel it shares: for profiles.</summary>
internal interface IWorkerWatch
{
    /// <summary>A worker found no more tiles to do; called on its thread.</summary>
    /// <param name="worker">Its number; 0 is the caller of the run.</param>
    /// <param name="start">When it began, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    /// <param name="end">When it was over.</param>
    void Worked(int worker, long start, long end);
}
