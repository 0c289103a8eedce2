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
    private const int DnnInternalError = 4000, BlasInternalError = 14, NvrtcInternalError = 11;
    private const string CacheVariable = "CODAT_CACHE_DIR";

    // Asked for messages only, or gives no status.
    private static readonly string[] s_noStatus =
        ["String", "GetErrorName", "cudnnGetVersion", "cudnnGetCudartVersion", "cublasLtGetVersion", "cublasLtGetCudartVersion", "nvtx"];

    // What could not be released stays alive by definition; what was released all the same needs no error either.
    private static readonly string[] s_releases = ["Destroy", "Free", "Unload", "Release", "PopCurrent", "EndCapture"];

    private static readonly string[] s_run =
        ["device=cuda", "train-limit=110", "val-limit=20", "test=none", "epochs=1", "batch=20", "steps=1", "val-attack=pgd-1", "threads=1"];

    private readonly TempFolder _folder = new();
    private string[] _settings = s_run;
    private Dictionary<string, string> _whole = [];

    private readonly record struct Site(string Symbol, int Nth);

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
    public void Train_EachSiteFailedOnce_EndsCleanlyAndCanBeContinued() => Sweep(Sites(Before), Failure);

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
            Sweep(sites, Failure, Empty);
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
    public void Train_EachSiteInDetailFailedOnce_EndsCleanlyAndCanBeContinued() => Sweep(Sites(BeforeInDetail), Failure);

    [Test]
    [Category("Slow")]
    public void Train_EachSiteOfConvolutionsFailedOnce_EndsCleanlyAndCanBeContinued()
    {
        Use([.. s_run, "model=small-cnn", "train-limit=14", "val-limit=10", "batch=2"]);
        try
        {
            var sites = Sites(BeforeInDetail).Where(s => Library(s.Symbol) == "cudnn").ToArray();
            Assert.That(sites, Is.Not.Empty);
            Sweep(sites, Failure);
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

    private static bool IsDriver(Site site) => Library(site.Symbol) == "cu";

    private static string Library(string symbol) =>
        new[] { "cudnn", "cublas", "nvrtc" }.FirstOrDefault(l => symbol.StartsWith(l, StringComparison.Ordinal)) ?? "cu";

    private static int Failure(Site site) => Library(site.Symbol) switch
    {
        "cudnn" => DnnInternalError,
        "cublas" => BlasInternalError,
        "nvrtc" => NvrtcInternalError,
        _ => (int)CUresult.CUDA_ERROR_UNKNOWN,
    };

    /// <summary>The first call from every place.</summary>
    private Site[] Sites(int before)
    {
        SimulatedDriver.Reset();
        var calls = SimulatedDriver.Sequence(() => Trainer.Run(TinyRun.Options(_folder.File($"sites{TestContext.CurrentContext.Random.Next()}"), _settings)));
        var (sites, counts, seen) = (new List<Site>(), new Dictionary<string, int>(), new HashSet<string>());
        for (var i = 0; i < calls.Length; i++)
        {
            var nth = counts[calls[i]] = counts.GetValueOrDefault(calls[i]) + 1;
            if (s_noStatus.Any(n => calls[i].Contains(n, StringComparison.Ordinal))) continue;
            if (seen.Add(string.Join(' ', calls[Math.Max(0, i - before)..(i + 1)]))) sites.Add(new Site(calls[i], nth));
        }
        return [.. sites];
    }

    private void Sweep(IEnumerable<Site> sites, Func<Site, int> status, Action? prepare = null)
    {
        var mistakes = new List<string>();
        var (tried, failed) = (0, 0);
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
            if (error is not null) failed++;
            mistakes.AddRange(Check(site, error).Select(m => $"{at}: {m}"));
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
        Assert.That(failed, Is.GreaterThan(tried / 3), "a capture, an engine or a release may have another way out, the rest are errors");
    }

    private static IEnumerable<string> Check(Site site, Exception? error)
    {
        if (error is not (null or CodatException)) yield return error.ToString();
        if (error is CodatException and not CudaOutOfMemoryException && !error.ToString().Contains(site.Symbol.Split("_v")[0], StringComparison.Ordinal))
            yield return $"the call is not named: {error.Message}";
        foreach (var problem in SimulatedDriver.Problems()) yield return problem;
        if (s_releases.Any(r => site.Symbol.Contains(r, StringComparison.Ordinal))) yield break;
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
