using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Perf;

/// <summary>The ceiling of everything that only passes over memory.</summary>
internal static class CopyTimer
{
    private const int Repeats = 10;

    public static void Run(int mebibytes, TextWriter output)
    {
        using var device = Device.Cuda();
        var bytes = (long)mebibytes << 20;
        var from = device.AllocateMemory(bytes);
        var to = device.AllocateMemory(bytes);
        var (source, target) = (new DeviceSpan<byte>((ulong)from, bytes), new DeviceSpan<byte>((ulong)to, bytes));
        var (_, median, _) = GpuTimer.Microseconds(device, Repeats, () => device.Stream.EnqueueCopy(source, target));
        device.ReleaseMemory(from, bytes);
        device.ReleaseMemory(to, bytes);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"device-to-device copy of {mebibytes} MiB: {2 * bytes / median / 1e6:F2} TB/s, bytes read and written"));
    }
}
