using System.Runtime.CompilerServices;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>
/// Counts what training allocates, in a process with nobody else in it: the test program started with
/// <see cref="Variable"/> set measures and ends instead of running tests.
/// </summary>
internal static class MemoryMeter
{
    public const string Variable = "CODAT_TEST_MEMORY_OF";
    public const string Loop = "loop", Session = "session";

    private const int WarmUp = 12, Measured = 25;

#pragma warning disable CA2255 // This is a program: before its Main is the only place to turn off.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void TurnOff()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } what) return;
        var parts = what.Split('|');
        var (bytes, blocks) = parts[0] == Loop ? MeasureLoop(parts[1], parts[2..]) : MeasureSession(parts[1], parts[2..]);
        Console.WriteLine($"{bytes} {blocks}");
        Environment.Exit(0);
    }

    /// <summary>The trainer's own loop, from step to step within an epoch.</summary>
    private static (long Bytes, long Blocks) MeasureLoop(string folder, string[] settings)
    {
        var (before, after) = (0L, 0L);
        var events = new Events
        {
            OnStep = step =>
            {
                if (step.Step == WarmUp) before = GC.GetTotalAllocatedBytes(precise: true);
                if (step.Step == WarmUp + Measured) after = GC.GetTotalAllocatedBytes(precise: true);
            },
        };
        Trainer.Run(TinyRun.Options(folder, [.. settings, $"max-steps={WarmUp + Measured}"]), events);
        return (after - before, 0);
    }

    /// <summary>Steps with their batches, over ends of epochs too.</summary>
    private static (long Bytes, long Blocks) MeasureSession(string folder, string[] settings)
    {
        var options = TinyRun.Options(folder, [.. settings, "epochs=40"]);
        using var device = DeviceCatalog.Open(options).Device;
        using var session = new TrainingSession(options, TrainingData.Load(options), device);
        for (var i = 0; i < WarmUp; i++) Step(session);
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var blocks = device.AllocationCount;
        for (var i = 0; i < Measured; i++) Step(session);
        return (GC.GetTotalAllocatedBytes(precise: true) - bytes, device.AllocationCount - blocks);
    }

    private static void Step(TrainingSession session)
    {
        session.Advance(CancellationToken.None);
        while (session.IsReadingDue && session.ReadNext())
        {
        }
    }
}
