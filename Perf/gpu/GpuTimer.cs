using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Perf;

/// <summary>Times work by events around launches of a captured graph: the host's part does not count.</summary>
internal static class GpuTimer
{
    private const int Rounds = 21;

    /// <summary>Microseconds of one run of the work, which is captured <paramref name="repeats"/> times in a row.</summary>
    public static (double Min, double Median, double Max) Microseconds(CudaDevice device, int repeats, Action enqueue)
    {
        enqueue();
        enqueue();
        using var work = CapturedWork.Record(device, () =>
        {
            for (var i = 0; i < repeats; i++) enqueue();
        });
        using var start = CudaEvent.Create(device.Session.Context, hasTiming: true);
        using var end = CudaEvent.Create(device.Session.Context, hasTiming: true);
        var times = new double[Rounds];
        for (var round = -2; round < Rounds; round++)
        {
            device.Stream.Record(start);
            work.Launch();
            device.Stream.Record(end);
            end.Synchronize();
            if (round >= 0) times[round] = 1000.0 * end.ElapsedMs(start) / repeats;
        }
        Array.Sort(times);
        return (times[0], times[Rounds / 2], times[^1]);
    }
}
