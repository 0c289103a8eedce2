using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Fails native calls of an engine's life, each once, and looks at what is left.</summary>
internal sealed class CudaEngineFaultTests : CudaEngineFixture
{
    private const int Steps = 3;

    // The first calls of a function differ in what exists already; later ones repeat them.
    private const long CallsOfEach = 3;

    // A failed release leaves its object alive by definition; a failed pop leaves the thread's stack of contexts as it is.
    // A recording that fails goes on eagerly; a driver that cannot say whose memory a pointer is in has it checked by
    // the first copy; a version is only for messages; disposing waits for what is left and throws nothing.
    private static readonly string[] s_otherWayOut =
    [
        "cuStreamBeginCapture_v2", "cuEventRecordWithFlags", "cuGraphGetNodes", "cuGraphInstantiateWithFlags", "cuGraphUpload", "cuMemGetAddressRange_v2",
        "cuPointerGetAttribute", "cublasLtGetVersion", "cuStreamSynchronize",
    ];

    private static readonly string[] s_releases = ["Destroy", "Free", "Unload", "Pop", "EndCapture"];

    [Test]
    public void EveryCall_FailedOnce_IsOneErrorAndGivesTheHostsMemoryBack([Values] HostMode mode)
    {
        RequireSimulation();
        var memory = new DeviceStatisticsResource(new DriverMemoryResource(Host.Context));
        var batches = Enumerable.Range(0, Steps).Select(Host.Batch).ToArray();
        var mistakes = new List<string>();
        foreach (var (symbol, nth) in Sites(mode, memory, batches))
        {
            if (s_releases.Any(r => symbol.Contains(r, StringComparison.Ordinal))) continue;
            SimulatedDriver.Reset();
            SimulatedDriver.SetFault(symbol, nth, CUresult.CUDA_ERROR_UNKNOWN);
            var error = Live(mode, memory, batches);
            SimulatedDriver.ClearFaults();
            var at = $"{symbol}, call {nth}, {error?.GetType().Name ?? "no error"}";
            // Handles of what failed halfway in a constructor go by way of finalizers.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            try
            {
                Host.Context.Drain();
            }
            catch (CodatException e) when (error is null)
            {
                error = e; // what a path that may not throw has parked
            }
            catch (CodatException)
            {
            }

            if (error is null && !s_otherWayOut.Contains(symbol)) mistakes.Add($"{at}: swallowed");
            if (error is not (null or CodatException)) mistakes.Add($"{at}: {error.Message}");
            if (error is CodatException && !error.ToString().Contains(symbol, StringComparison.Ordinal)) mistakes.Add($"{at}: not named: {error.Message}");
            if (memory.LiveBlocks != 0) mistakes.Add($"{at}: {memory.LiveBlocks} blocks of {memory.LiveBytes} bytes are not given back");
            if (Current != default) mistakes.Add($"{at}: a context is left current");
            mistakes.AddRange(SimulatedDriver.Problems().Select(p => $"{at}: {p}"));
            mistakes.AddRange(SimulatedDriver.Alive().Select(a => $"{at}: {a}"));
            if (mistakes.Count > 10) break;
        }

        SimulatedDriver.Reset();
        Assert.That(mistakes, Is.Empty);
        Assert.That(Live(mode, memory, batches), Is.Null, "does not work afterwards");
    }

    private (string Symbol, long Nth)[] Sites(HostMode mode, DeviceStatisticsResource memory, DeviceBatch[] batches)
    {
        Assert.That(Live(mode, memory, batches), Is.Null);
        SimulatedDriver.Reset();
        Assert.That(Live(mode, memory, batches), Is.Null);
        return
        [
            .. SimulatedDriver.Calls().Where(c => c.Symbol.StartsWith("cu", StringComparison.Ordinal))
                .SelectMany(c => Enumerable.Range(1, (int)Math.Min(c.Calls, CallsOfEach)).Select(n => (c.Symbol, (long)n))),
        ];
    }

    private Exception? Live(HostMode mode, DeviceStatisticsResource memory, DeviceBatch[] batches)
    {
        try
        {
            using var engine = CodatEngine.Create(Host.Options(mode, "mlp") with { Memory = memory });
            foreach (var batch in batches) engine.Step(batch);
            engine.LastStep.Read();
            engine.Predict(batches[0]).Read();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
