namespace Codat.Native.Autograd;

/// <summary>Told of every step that a plan has run or, on a GPU, enqueued: for profiles.</summary>
internal interface IPlanWatch
{
    /// <summary>A step is over on the host, on the thread it ran on.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="step">Its place in <see cref="Plan.Steps"/>.</param>
    /// <param name="start">When it began, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    /// <param name="end">When it was over.</param>
    void Ran(Plan plan, int step, long start, long end);
}
