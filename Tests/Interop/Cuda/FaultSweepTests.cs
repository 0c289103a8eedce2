using System.Diagnostics.CodeAnalysis;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Fails every driver call of a typical use once, and looks at what is left: the right kind of error, nothing alive that could be released, and a
/// driver that works again.
/// </summary>
[CudaFixture]
internal sealed class FaultSweepTests
{
    // The first calls of a function differ in what exists already; later ones repeat them.
    private const long CallsOfEach = 4;

    private const string Source = """
        struct Args { int* x; };
        extern "C" __global__ void bump(const Args args) { args.x[threadIdx.x] += 1; }
        """;

    // A failed release leaves its object alive by definition; a failed pop leaves the thread's stack of contexts as it is.
    private static readonly string[] s_releases =
    [
        "cuStreamDestroy_v2", "cuEventDestroy_v2", "cuMemFree_v2", "cuMemFreeHost", "cuModuleUnload", "cuGraphDestroy", "cuGraphExecDestroy",
        "cuDevicePrimaryCtxRelease_v2", "cuCtxPopCurrent_v2", "cuStreamEndCapture",
    ];

    // The pool gives back what it keeps and asks once more before it gives up.
    private static readonly string[] s_askedAgain = ["cuMemAlloc_v2"];

    // After the first, which the use itself makes: the ring waits for its copies, the pool lets one stream wait for another.
    private static readonly string[] s_laterReleases = ["cuEventSynchronize", "cuStreamWaitEvent"];

    private byte[] _image = [];

    private readonly record struct Args(ulong X);

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
    public void EveryCall_FailedOnce_LeavesNothingBehind(object status)
    {
        var mistakes = new List<string>();
        var sites = Sites();
        // Devices of other fixtures live as long as the process.
        string[] others = SimulatedDriver.Alive();
        foreach (var (symbol, nth) in sites)
        {
            SimulatedDriver.Reset();
            SimulatedDriver.SetFault(symbol, nth, (CUresult)status);
            var error = Run();
            SimulatedDriver.ClearFaults();
            PopEverything();
            string at = $"{symbol}, call {nth}, {error?.GetType().Name ?? "no error"}";

            if (Mistake(symbol, nth, (CUresult)status, error) is { } wrong) mistakes.Add($"{at}: {wrong}");
            if (!s_releases.Contains(symbol))
            {
                mistakes.AddRange(SimulatedDriver.Problems().Select(p => $"{at}: {p}"));
                mistakes.AddRange(SimulatedDriver.Alive().Except(others).Select(a => $"{at}: {a}"));
            }
            if (Run() is { } after) mistakes.Add($"{at}: does not work afterwards: {after.Message}");
            if (s_releases.Contains(symbol)) others = SimulatedDriver.Alive();
            if (mistakes.Count > 20) break;
        }

        Assert.That(mistakes, Is.Empty);
    }

    [Test]
    public void EveryCall_FaultOnTheDevice_PoisonsTheContextAndNoMore()
    {
        var mistakes = new List<string>();
        foreach (var (symbol, nth) in Sites())
        {
            SimulatedDriver.Reset();
            SimulatedDriver.SetFault(symbol, nth, CUresult.CUDA_ERROR_ILLEGAL_ADDRESS);
            var error = Run();
            SimulatedDriver.Reset();
            PopEverything();

            if (Mistake(symbol, nth, CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, error) is { } wrong) mistakes.Add($"{symbol}, call {nth}: {wrong}");
        }

        Assert.That(mistakes, Is.Empty);
        Assert.That(Run(), Is.Null);
    }

    [Test]
    public void Sites_OfTheUse_CoverTheDriver()
    {
        string[] covered = [.. Sites().Select(s => s.Symbol).Distinct()];

        // Names and texts are asked only for errors, the library's start only once in a process.
        Assert.That(covered.Length, Is.GreaterThan(35), string.Join(' ', covered));
    }

    /// <summary>What is wrong with how a failed call ended, or null.</summary>
    private static string? Mistake(string symbol, long nth, CUresult status, Exception? error)
    {
        // What fails while something is given back is parked; after the last drain nobody is left to be told.
        var isRelease = s_releases.Contains(symbol) || (nth > 1 && s_laterReleases.Contains(symbol));
        if (error is null)
        {
            if (isRelease) return null;
            return status == CUresult.CUDA_ERROR_OUT_OF_MEMORY && s_askedAgain.Contains(symbol) ? null : "the failure is swallowed";
        }
        if (error is not CodatException) return error.Message;
        if (isRelease) return null;
        if (!error.ToString().Contains(symbol, StringComparison.Ordinal)) return $"the call is not named: {error.Message}";
        var code = ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!error.ToString().Contains($"({code})", StringComparison.Ordinal)) return $"the code is not named: {error.Message}";
        if (status != CUresult.CUDA_ERROR_OUT_OF_MEMORY) return null;
        return error is CudaOutOfMemoryException or HostOutOfMemoryException ? null : $"not an error of memory: {error.Message}";
    }

    private (string Symbol, long Nth)[] Sites()
    {
        Run();
        SimulatedDriver.Reset();
        var error = Run();
        Assert.That(error, Is.Null);
        return
        [
            .. SimulatedDriver.Calls().Where(c => c.Symbol.StartsWith("cu", StringComparison.Ordinal))
                .SelectMany(c => Enumerable.Range(1, (int)Math.Min(c.Calls, CallsOfEach)).Select(n => (c.Symbol, (long)n))),
        ];
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "which type it is, is the question")]
    private Exception? Run()
    {
        try
        {
            Use();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Something of everything, as a training step does it.</summary>
    private void Use()
    {
        using var context = CudaContext.RetainPrimary();
        using var attached = CudaContext.Attach(context.DangerousHandle);
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
        context.Drain();
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
