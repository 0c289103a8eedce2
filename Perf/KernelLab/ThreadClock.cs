using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Codat.Native.Perf;

/// <summary>
/// Processor time of the current thread, so that a busy machine does not lengthen what it interrupts.
/// </summary>
internal static unsafe partial class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>Seconds; only differences mean something. Elsewhere than on Linux this is elapsed time.</summary>
    public static double Now
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
            }

            long* time = stackalloc long[2];
            return ClockGetTime(ThreadCpuTime, time) == 0 ? time[0] + (time[1] * 1e-9) : double.NaN;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, long* time);
}
