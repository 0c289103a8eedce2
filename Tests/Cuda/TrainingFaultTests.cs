using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Fails a native call of a whole training run, one site after the other: the error says what failed, nothing is left alive, and the run
/// folder is absent or can be continued to the bits of a run that was left alone.
/// </summary>
/// <remarks>
/// A site is a function, in the slow tests together with the call before it: where it is called from, as far as that can be seen from below.
/// </remarks>
[CudaFixture]
internal sealed class TrainingFaultTests : IDisposable
{
    private const int Before = 0, BeforeInDetail = 1;
    private const string CacheVariable = "CODAT_CACHE_DIR";

    // Nobody hears of these failures, and why that is right; every other one must end in an error.
    private static readonly Survivor[] s_survivors =
    [
        new("what could not be released is parked for a drain, and a run that ends has none",
            ["Destroy", "Free", "Unload", "Release", "PopCurrent"]),
        new("what cannot be recorded is enqueued launch by launch",
            ["cuStreamBeginCapture", "cuStreamEndCapture", "cuEventRecordWithFlags", "cuGraphGetNodes", "cuGraphInstantiate", "cuGraphUpload"]),
        new("the pool gives back what it keeps and asks once more", ["cuMemAlloc"], CUresult.CUDA_ERROR_OUT_OF_MEMORY),
        new("the last wait, before everything is given back: parked as releases are", ["cuStreamSynchronize"], Most: 1),
    ];

    private static readonly string[] s_run =
        ["device=cuda", "train-limit=110", "val-limit=20", "test=none", "epochs=1", "batch=20", "steps=1", "val-attack=pgd-1", "threads=1"];

    private readonly TempFolder _folder = new();
    private string[] _settings = s_run;
    private Dictionary<string, string> _whole = [];

    private readonly record struct Site(string Symbol, int Nth);

    /// <summary>Functions that may fail unheard: with any status or with one, anywhere or at so many places.</summary>
    private sealed record Survivor(string Why, string[] Names, CUresult? Status = null, int Most = int.MaxValue)
    {
        public bool Covers(string symbol, int status) =>
            (Status is not { } only || (int)only == status) && Names.Any(n => symbol.Contains(n, StringComparison.Ordinal));
    }

    [OneTimeSetUp]
    public void RequireSimulation()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a true device does not fail on demand");
        Use(s_run);
    }

    public void Dispose() => _folder.Dispose();

    [TearDown]
    public void Heal() => SimulatedDriver.Reset();

    [Test]
    public void Train_EachSiteFailedOnce_EndsCleanlyAndCanBeContinued() => Sweep(Sites(Before), Unspecific);

    [Test]
    public void Train_EachCompilationFailedOnce_EndsCleanlyAndCanBeContinued()
    {
        var cache = Environment.GetEnvironmentVariable(CacheVariable);
        try
        {
            var fresh = 0;
            void Empty() => Environment.SetEnvironmentVariable(CacheVariable, _folder.File($"cache{fresh++}"));
            Empty();
            var sites = Sites(Before).Where(s => s.Symbol.StartsWith("nvrtc", StringComparison.Ordinal)).ToArray();
            Assert.That(sites, Is.Not.Empty);
            Sweep(sites, Unspecific, Empty);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CacheVariable, cache);
        }
    }

    [Test]
    [Category("Slow")]
    public void Train_EachSiteOutOfMemory_EndsCleanlyAndCanBeContinued() =>
        Sweep(Sites(Before).Where(IsDriver), _ => (int)CUresult.CUDA_ERROR_OUT_OF_MEMORY);

    [Test]
    [Category("Slow")]
    public void Train_EachSiteAFaultOnTheDevice_PoisonsTheContextAndCanBeContinued() =>
        Sweep(Sites(Before).Where(IsDriver), _ => (int)CUresult.CUDA_ERROR_ILLEGAL_ADDRESS);

    [Test]
    [Category("Slow")]
    public void Train_EachSiteInDetailFailedOnce_EndsCleanlyAndCanBeContinued() => Sweep(Sites(BeforeInDetail), Unspecific);

    [Test]
    [Category("Slow")]
    public void Train_EachSiteOfConvolutionsFailedOnce_EndsCleanlyAndCanBeContinued()
    {
        Use([.. s_run, "model=small-cnn", "train-limit=14", "val-limit=10", "batch=2"]);
        try
        {
            var sites = Sites(BeforeInDetail).Where(s => InjectedFault.Library(s.Symbol) == "cudnn").ToArray();
            Assert.That(sites, Is.Not.Empty);
            Sweep(sites, Unspecific);
        }
        finally
        {
            Use(s_run);
        }
    }

    private void Use(string[] settings)
    {
        _settings = settings;
        _whole = TinyRun.Train(_folder, $"whole{TestContext.CurrentContext.Random.Next()}", settings);
    }

    private static bool IsDriver(Site site) => InjectedFault.Library(site.Symbol) == "cu";

    private static int Unspecific(Site site) => InjectedFault.Unspecific(site.Symbol);

    /// <summary>The first call from every place.</summary>
    private Site[] Sites(int before)
    {
        SimulatedDriver.Reset();
        var calls = SimulatedDriver.Sequence(() => Trainer.Run(TinyRun.Options(_folder.File($"sites{TestContext.CurrentContext.Random.Next()}"), _settings)));
        var (sites, counts, seen) = (new List<Site>(), new Dictionary<string, int>(), new HashSet<string>());
        for (var i = 0; i < calls.Length; i++)
        {
            var nth = counts[calls[i]] = counts.GetValueOrDefault(calls[i]) + 1;
            if (!InjectedFault.HasStatus(calls[i])) continue;
            if (seen.Add(string.Join(' ', calls[Math.Max(0, i - before)..(i + 1)]))) sites.Add(new Site(calls[i], nth));
        }
        return [.. sites];
    }

    private void Sweep(IEnumerable<Site> sites, Func<Site, int> status, Action? prepare = null)
    {
        var mistakes = new List<string>();
        var (tried, failed, unheard) = (0, 0, new List<Site>());
        SimulatedDriver.Reset();
        foreach (var site in sites)
        {
            prepare?.Invoke();
            var path = _folder.File("run");
            SimulatedDriver.Reset();
            SimulatedDriver.SetFault(site.Symbol, site.Nth, (CUresult)status(site));
            var error = Catch(() => Trainer.Run(TinyRun.Options(path, _settings)));
            SimulatedDriver.ClearFaults();
            var at = $"{site.Symbol}, call {site.Nth}, {error?.GetType().Name ?? "no error"}";
            if (error is null) unheard.Add(site);
            else failed++;
            mistakes.AddRange(Check(site, status(site), error).Select(m => $"{at}: {m}"));
            SimulatedDriver.Reset();
            PopEverything();
            if (Directory.Exists(path))
            {
                if (Catch(() => Trainer.Resume(path, TinyRun.Options(path, _settings))) is { } after) mistakes.Add($"{at}: cannot be continued: {after.Message}");
                else if (!TinyRun.Bits(path).OrderBy(b => b.Key).SequenceEqual(_whole.OrderBy(b => b.Key))) mistakes.Add($"{at}: continued to other bits");
                Directory.Delete(path, recursive: true);
            }
            tried++;
            if (mistakes.Count > 20) break;
        }
        TestContext.Out.WriteLine($"{tried} sites, {failed} errors");
        Assert.That(mistakes, Is.Empty);
        foreach (var (why, names, _, most) in s_survivors)
            Assert.That(unheard.Count(u => names.Contains(u.Symbol)), Is.AtMost(most), why);
        Assert.That(failed, Is.GreaterThan(tried / 3), "a capture, an engine or a release may have another way out, the rest are errors");
    }

    private static IEnumerable<string> Check(Site site, int status, Exception? error)
    {
        var survives = s_survivors.Any(s => s.Covers(site.Symbol, status));
        if (error is CodatException { What: "CUDA cannot be used here" })
        {
            // What failed while a device was looked for is told in words: without one there is no training.
            var told = status == (int)CUresult.CUDA_ERROR_OUT_OF_MEMORY ? "out of device memory" : $"({status})";
            if (!error.Message.Contains($"{site.Symbol}(", StringComparison.Ordinal) || !error.Message.Contains(told, StringComparison.Ordinal))
                yield return $"the call is not named: {error.Message}";
        }
        else if (!(survives && error is null) && InjectedFault.Mistake(site.Symbol, status, error, survives) is { } wrong) yield return wrong;
        foreach (var problem in SimulatedDriver.Problems()) yield return problem;
        foreach (var left in SimulatedDriver.Alive()) yield return left;
    }

    private static Exception? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
#pragma warning disable CA1031 // What kind of error comes out is the question.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    // A pop that failed leaves its context on the thread.
    private static void PopEverything()
    {
        while (CudaApi.cuCtxGetCurrent(out var current) == CUresult.CUDA_SUCCESS && current.Value != 0)
            if (CudaApi.cuCtxPopCurrent_v2(out _) != CUresult.CUDA_SUCCESS) break;
    }
}
