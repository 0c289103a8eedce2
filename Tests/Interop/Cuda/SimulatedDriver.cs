using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>What only the simulated CUDA offers: faults on demand, counts, and a list of what was done wrong.</summary>
internal static unsafe class SimulatedDriver
{
    /// <summary>Whether the driver in this process is the simulated one.</summary>
    public static bool IsPresent => LibraryResolver.TryGetExport(LibraryNames.Cuda, "codatSimReset", out _);

    /// <summary>Forgets faults, counts, problems and crashed kernels.</summary>
    public static void Reset()
    {
        if (IsPresent) ((delegate* unmanaged<void>)Export("codatSimReset"))();
    }

    /// <summary>Makes the nth call of a function from now on fail with a status, and do nothing.</summary>
    public static void SetFault(string symbol, long nth, CUresult status)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(symbol + '\0'))
            ((delegate* unmanaged<byte*, long, int, void>)Export("codatSimSetFault"))(name, nth, (int)status);
    }

    public static void ClearFaults() => ((delegate* unmanaged<void>)Export("codatSimClearFaults"))();

    /// <summary>Makes one engine of cuDNN slower than any other; -1 for none.</summary>
    public static void SetSlowEngine(long index) =>
        ((delegate* unmanaged<long, void>)Export("codatSimSlowEngine"))(index);

    /// <summary>The functions called since the last reset, and how often.</summary>
    public static IReadOnlyList<(string Symbol, long Calls)> Calls() =>
    [
        .. Text("codatSimCallCounts").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))
            .Select(p => (p[0], long.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture))),
    ];

    /// <summary>Misuses since the last reset; empty on a real device.</summary>
    public static string[] Problems() => IsPresent ? [.. Report().Where(l => l.StartsWith("problem", StringComparison.Ordinal))] : [];

    /// <summary>What is alive, as "live: 2 streams".</summary>
    public static string[] Alive() => [.. Report().Where(l => l.StartsWith("live", StringComparison.Ordinal))];

    /// <summary>The functions called while something runs, in order.</summary>
    public static string[] Sequence(Action action)
    {
        var record = (delegate* unmanaged<int, void>)Export("codatSimRecord");
        record(1);
        try
        {
            action();
        }
        finally
        {
            record(0);
        }
        return Text("codatSimSequence").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Profiler ranges begun since the last call, a tab before the name for every range around it.</summary>
    public static string[] Ranges() => Text("codatSimRanges").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Report() => Text("codatSimReport").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Text(string function)
    {
        var read = (delegate* unmanaged<byte*, nuint, nuint>)Export(function);
        var text = new byte[read(null, 0) + 4096];
        fixed (byte* bytes = text) read(bytes, (nuint)text.Length);
        return Encoding.UTF8.GetString(text, 0, Array.IndexOf(text, (byte)0));
    }

    private static nint Export(string name) => LibraryResolver.TryGetExport(LibraryNames.Cuda, name, out nint address)
        ? address
        : throw new EntryPointNotFoundException(name);
}
