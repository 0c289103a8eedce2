using System.Diagnostics.CodeAnalysis;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Fails every driver call of a typical use once, and looks at what is left: the error of that very call, nothing alive, and a driver that works
/// again.
/// </summary>
[CudaFixture]
internal sealed class FaultSweepTests
{
    private const string Source = """
        struct Args { int* x; };
        extern "C" __global__ void bump(const Args args) { args.x[threadIdx.x] += 1; }
        """;

    // Fail while something is given back, which throws nothing: the error is parked for the next drain.
    private static readonly string[] s_releases =
    [
        "cuStreamDestroy_v2", "cuEventDestroy_v2", "cuMemFree_v2", "cuMemFreeHost", "cuModuleUnload", "cuGraphDestroy", "cuGraphExecDestroy",
        "cuCtxPopCurrent_v2",
    ];

    // Thrown where something is used, parked where it is given back: the context made current for it, the ring's wait for its copies, the event by
    // which the pool lets one stream wait for another.
    private static readonly string[] s_alsoReleases =
        ["cuCtxGetCurrent", "cuCtxPushCurrent_v2", "cuEventSynchronize", "cuEventCreate", "cuEventRecord", "cuStreamWaitEvent"];

    private const string AskedAgain = "the pool gives back what it keeps and asks once more, its context made current again";

    // Nobody hears of these failures, and why that is right; every other one must end in an error.
    private static readonly Survivor[] s_survivors =
    [
        new("cuMemAlloc_v2", CUresult.CUDA_ERROR_OUT_OF_MEMORY, AskedAgain),
        new("cuCtxGetCurrent", CUresult.CUDA_ERROR_OUT_OF_MEMORY, AskedAgain),
        new("cuCtxPushCurrent_v2", CUresult.CUDA_ERROR_OUT_OF_MEMORY, AskedAgain),
        new("cuDevicePrimaryCtxRelease_v2", null, "the end of the context, after which nobody can drain it"),
    ];

    // A context of the host's that has faulted is refused in words of their own, around the driver's error.
    private static readonly string[] s_looksAtTheHosts = ["cuCtxPushCurrent_v2", "cuCtxGetDevice"];

    private byte[] _image = [];

    private readonly record struct Args(ulong X);

    /// <summary>A function that may fail unheard, always or with one status.</summary>
    private sealed record Survivor(string Symbol, CUresult? Status, string Why);

    /// <summary>How a use ended.</summary>
    /// <param name="Error">The first error, or that of the last drain.</param>
    /// <param name="IsParked">Whether the use itself went on to its end.</param>
    /// <param name="IsAttached">Whether both contexts were there by then.</param>
    /// <param name="IsPoisoned">Whether a context now refuses everything, with the fault.</param>
    private readonly record struct Outcome(Exception? Error, bool IsParked, bool IsAttached, bool IsPoisoned);

    [OneTimeSetUp]
    public void RequireSimulation()
    {
        var availability = CudaAvailability.Probe(CudaComponents.Driver | CudaComponents.Nvrtc);
        if (!availability.IsAvailable) Assert.Ignore(availability.Reason);
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a real driver does not fail on demand");
        SimulatedDriver.Reset();
        using var context = CudaContext.RetainPrimary();
        _image = TestKernel.Compile(context, Source);
    }

    [TearDown]
    public void Heal()
    {
        SimulatedDriver.Reset();
        PopEverything();
    }

    [TestCase(CUresult.CUDA_ERROR_UNKNOWN)]
    [TestCase(CUresult.CUDA_ERROR_OUT_OF_MEMORY)]
    public void EveryCall_FailedOnce_EndsInItsErrorAndLeavesNothingBehind(object status)
    {
        var mistakes = new List<string>();
        // Devices of other fixtures live as long as the process.
        string[] others = SimulatedDriver.Alive();
        var unheard = Sweep((CUresult)status, mistakes, (at, end) =>
        {
            // What could not be released stays: the next sites are measured against it.
            if (end.Error?.InnerException is AggregateException) others = SimulatedDriver.Alive();
            else mistakes.AddRange(SimulatedDriver.Problems().Select(p => $"{at}: {p}"));
            mistakes.AddRange(SimulatedDriver.Alive().Except(others).Select(a => $"{at}: {a}"));
            if (end.IsPoisoned) mistakes.Add($"{at}: the context is given up");
            if (Run().Error is { } after) mistakes.Add($"{at}: does not work afterwards: {after.Message}");
        });

        Assert.That(mistakes, Is.Empty);
        Assert.That(unheard, Is.EquivalentTo(Survivors((CUresult)status)), "a failure that is heard of has no place among the survivors");
    }

    [Test]
    public void EveryCall_FaultOnTheDevice_PoisonsTheContextAndNoMore()
    {
        var mistakes = new List<string>();
        var unheard = Sweep(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, mistakes, (at, end) =>
        {
            SimulatedDriver.Reset();
            if (end is { Error: not null, IsAttached: true, IsPoisoned: false }) mistakes.Add($"{at}: the context is used on");
        });

        Assert.That(mistakes, Is.Empty);
        Assert.That(unheard, Is.EquivalentTo(Survivors(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS)));
        Assert.That(Run().Error, Is.Null);
    }

    [Test]
    public void Sites_OfTheUse_CoverTheDriver()
    {
        string[] covered = [.. Sites().Select(s => s.Symbol).Distinct()];

        // Names and texts are asked only for errors, the library's start only once in a process.
        Assert.That(covered.Length, Is.GreaterThan(35), string.Join(' ', covered));
    }

    private static string[] Survivors(CUresult status) =>
        [.. s_survivors.Where(s => s.Status is not { } only || only == status).Select(s => s.Symbol)];

    /// <summary>Fails one site after the other; returns the functions whose failure nobody heard of.</summary>
    private string[] Sweep(CUresult status, List<string> mistakes, Action<string, Outcome> check)
    {
        var unheard = new HashSet<string>();
        foreach (var (symbol, nth) in Sites())
        {
            SimulatedDriver.Reset();
            SimulatedDriver.SetFault(symbol, nth, status);
            var end = Run();
            SimulatedDriver.ClearFaults();
            PopEverything();

            string at = $"{symbol}, call {nth}";
            if (end.Error is null && Survivors(status).Contains(symbol)) unheard.Add(symbol);
            else if (Mistake(symbol, status, end) is { } wrong) mistakes.Add($"{at}: {wrong}");
            check(at, end);
            if (mistakes.Count > 20) break;
        }
        return [.. unheard];
    }

    private static string? Mistake(string symbol, CUresult status, in Outcome end)
    {
        var error = end.Error;
        var mayPark = s_releases.Contains(symbol) || s_alsoReleases.Contains(symbol);
        if (end.IsParked && !mayPark) return $"the error is kept until later: {error?.Message}";
        if (!end.IsParked && error is not null && !status.IsPoison() && s_releases.Contains(symbol)) return $"a release throws: {error.Message}";
        if (!end.IsAttached && status.IsPoison() && s_looksAtTheHosts.Contains(symbol) && error?.GetType() == typeof(CodatException))
            error = error.InnerException;
        // Without its context a release fails as well; what failed first is what is to be known.
        if (HasLostItsContext(symbol, end)) error = ((AggregateException)error!.InnerException!).InnerExceptions[0];
        return InjectedFault.Mistake(symbol, (int)status, error, end.IsParked);
    }

    private static bool HasLostItsContext(string symbol, in Outcome end) =>
        end is { IsParked: true, Error.InnerException: AggregateException } && symbol == "cuCtxPushCurrent_v2";

    private (string Symbol, long Nth)[] Sites()
    {
        Run();
        SimulatedDriver.Reset();
        Assert.That(Run().Error, Is.Null);
        return
        [
            .. SimulatedDriver.Calls().Where(c => c.Symbol.StartsWith("cu", StringComparison.Ordinal))
                .SelectMany(c => Enumerable.Range(1, (int)c.Calls).Select(n => (c.Symbol, (long)n))),
        ];
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "which type it is, is the question")]
    private Outcome Run()
    {
        CudaContext? context = null, attached = null;
        var isUsed = false;
        try
        {
            context = CudaContext.RetainPrimary();
            attached = CudaContext.Attach(context.DangerousHandle);
            Use(context);
            // Behind the last release: what one of them parked comes out here, and the fault that the drain itself leaves behind.
            isUsed = true;
            attached.Drain();
            context.Drain();
            attached.ThrowIfUnusable();
            context.ThrowIfUnusable();
            return new Outcome(null, false, true, false);
        }
        catch (Exception e)
        {
            // Where the other object over the same context has parked the fault, this one only stumbles over it.
            var parked = attached?.Fault is null ? null : Assert.Catch(attached.Drain);
            return new Outcome(parked ?? e, isUsed, attached is not null, IsPoisoned(context) || IsPoisoned(attached));
        }
        finally
        {
            attached?.Dispose();
            context?.Dispose();
        }
    }

    private static bool IsPoisoned(CudaContext? context)
    {
        if (context?.Fault is not { } fault) return false;
        Assert.That(() => context.Enter().Dispose(), Throws.InstanceOf<CudaContextPoisonedException>().With.Property("First").SameAs(fault));
        return true;
    }

    /// <summary>Something of everything, as a training step does it.</summary>
    private void Use(CudaContext context)
    {
        _ = context.GetMemory();
        using var stream = CudaStream.Create(context);
        using var other = CudaStream.Create(context);
        using var hosts = CudaStream.Attach(context, other.DangerousHandle);
        using var pool = new PoolMemoryResource(new DriverMemoryResource(context), 1 << 16);
        using var ring = new PinnedRing(context, 2, 256);
        using var buffer = DeviceBuffer.Allocate<int>(pool, 64, stream);
        using var module = CudaModule.Load(context, _image);
        var kernel = module.GetKernel<Args>("bump");
        kernel.Load();
        _ = kernel.GetResidentBlocks(64);

        int slot = ring.Take();
        ring[slot].Span.Clear();
        ring.EnqueueUpload(slot, buffer.As<int>(), stream);
        kernel.Launch(stream, LaunchShape.ForRows(1, 64), new Args(buffer.As<int>().Address));
        using (var start = CudaEvent.Create(context, hasTiming: true))
        using (var end = CudaEvent.Create(context, hasTiming: true))
        {
            stream.Record(start);
            stream.Record(end);
            end.Synchronize();
            _ = end.Query();
            _ = end.ElapsedMs(start);
        }
        Replay(stream, buffer, kernel);
        using (var done = stream.Record()) hosts.WaitFor(done);
        using (var copy = DeviceBuffer.Allocate<int>(pool, 64, other))
        {
            hosts.EnqueueCopy(buffer.As<int>(), copy.As<int>());
            hosts.EnqueueFill(copy.As<byte>().Slice(0, 4), (byte)0);
            hosts.EnqueueFill(copy.As<int>().Slice(1, 1), 0);
            var values = new int[64];
            hosts.Download(copy.As<int>(), values);
            hosts.Upload<int>(values, copy.As<int>());
            if (!values.AsSpan(2).SequenceEqual(Enumerable.Repeat(3, 62).ToArray())) throw new InvalidDataException(string.Join(' ', values));
        }
        _ = stream.Query();
        context.Synchronize();
    }

    private static void Replay(CudaStream stream, DeviceBuffer buffer, CudaKernel<Args> kernel)
    {
        using var capture = stream.BeginCapture();
        kernel.Launch(stream, LaunchShape.ForRows(1, 64), new Args(buffer.As<int>().Address));
        if (!capture.IsValid) throw new InvalidDataException("the capture is not valid");
        using var graph = capture.End();
        if (graph.NodeCount != 1) throw new InvalidDataException("not one node");
        using var executable = graph.Instantiate();
        executable.Upload(stream);
        executable.Launch(stream);
        executable.Launch(stream);
    }

    private static void PopEverything()
    {
        while (CudaApi.cuCtxGetCurrent(out var current) == CUresult.CUDA_SUCCESS && current != default)
            CudaApi.cuCtxPopCurrent_v2(out _);
    }
}
