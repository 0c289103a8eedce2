using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Fails every call of the matrix and convolution libraries once while something is planned and run, and looks at what
/// is left: the error of that very call, nothing alive, and libraries that work again.
/// </summary>
[CudaFixture]
internal sealed class LibraryFaultSweepTests
{
    private const long WorkspaceBytes = 1 << 20;

    // Nobody hears of these failures, and why that is right; every other one must end in an error.
    private static readonly Exemption[] s_survivors =
    [
        new("cudnnBackendFinalize", 2, "behind the one heuristic and behind the one engine there is another"),
        new("cudnnBackendGetAttribute", 2, "length and text of a plan: without them it runs, but is not written down"),
    ];

    // These are answers rather than failures, and end in an error of their own around the library's status.
    private static readonly Exemption[] s_refusals =
    [
        new("cudnnBackendFinalize", 1, "a pattern without an engine, which is for the caller to do otherwise"),
        new("cublasLtMatmulAlgoCheck", 1, "a stored algorithm that the library does not take any more"),
    ];

    private static readonly MatmulSpec s_product = new()
    {
        M = 8, N = 8, K = 8, Epilogue = MatmulEpilogue.BiasReluMask, Determinism = Determinism.Reproducible,
    };

    private static readonly ConvolutionSpec s_convolution = new()
    {
        N = 1, H = 4, W = 4, C = 8, K = 8, R = 3, S = 3, Precision = MathPrecision.TensorFloat32,
        Epilogue = ConvolutionEpilogue.Bias | ConvolutionEpilogue.Addend | ConvolutionEpilogue.Relu,
    };

    /// <summary>A function of which some calls, no more and no fewer, end otherwise than in the library's error.</summary>
    private sealed record Exemption(string Symbol, int Calls, string Why);

    [OneTimeSetUp]
    public void RequireSimulation()
    {
        var availability = CudaAvailability.Probe(CudaComponents.All);
        if (!availability.IsAvailable) Assert.Ignore(availability.Reason);
        if (!SimulatedDriver.IsPresent) Assert.Ignore("true libraries do not fail on demand");
    }

    [TearDown]
    public void Heal() => SimulatedDriver.Reset();

    [Test]
    public void Products_EveryCallFailedOnce_EndInItsErrorAndLeaveNothingBehind() => Sweep("cublas", Multiply);

    [Test]
    public void Convolutions_EveryCallFailedOnce_EndInItsErrorAndLeaveNothingBehind() => Sweep("cudnn", Convolve);

    private static void Sweep(string library, Action<CudaScratch> use)
    {
        var sites = Sites(library, use);
        var (mistakes, unheard, refused) = (new List<string>(), new List<string>(), new List<string>());
        // Devices of other fixtures live as long as the process.
        string[] others = SimulatedDriver.Alive();
        foreach (var (symbol, nth) in sites)
        {
            SimulatedDriver.Reset();
            var status = InjectedFault.Unspecific(symbol);
            SimulatedDriver.SetFault(symbol, nth, (CUresult)status);
            var error = Run(use);
            SimulatedDriver.ClearFaults();
            string at = $"{symbol}, call {nth}";
            if (error is null) unheard.Add(symbol);
            else if (IsRefusal(error)) refused.Add(symbol);
            else if (InjectedFault.Mistake(symbol, status, error) is { } wrong) mistakes.Add($"{at}: {wrong}");
            mistakes.AddRange(SimulatedDriver.Problems().Select(p => $"{at}: {p}"));
            mistakes.AddRange(SimulatedDriver.Alive().Except(others).Select(a => $"{at}: {a}"));
            if (Run(use) is { } after) mistakes.Add($"{at}: does not work afterwards: {after.Message}");
        }

        Assert.That(mistakes, Is.Empty);
        Assert.That(unheard, Is.EquivalentTo(Expected(s_survivors, library)), "failures that nobody hears of");
        Assert.That(refused, Is.EquivalentTo(Expected(s_refusals, library)), "failures that are taken as a refusal");
        Assert.That(sites, Has.Length.GreaterThan(20));
    }

    private static bool IsRefusal(Exception error) =>
        error.GetType() == typeof(CodatException) && error.Message.Contains("STATUS_INTERNAL_ERROR", StringComparison.Ordinal);

    private static IEnumerable<string> Expected(Exemption[] exemptions, string library) =>
        exemptions.Where(e => InjectedFault.Library(e.Symbol) == library).SelectMany(e => Enumerable.Repeat(e.Symbol, e.Calls));

    private static (string Symbol, long Nth)[] Sites(string library, Action<CudaScratch> use)
    {
        SimulatedDriver.Reset();
        Assert.That(Run(use), Is.Null);
        return
        [
            .. SimulatedDriver.Calls().Where(c => InjectedFault.Library(c.Symbol) == library && InjectedFault.HasStatus(c.Symbol))
                .SelectMany(c => Enumerable.Range(1, (int)c.Calls).Select(n => (c.Symbol, (long)n))),
        ];
    }

    private static Exception? Run(Action<CudaScratch> use)
    {
        using var cuda = CudaScratch.Require(CudaComponents.Driver);
        try
        {
            use(cuda);
            // Errors of releases are parked until here.
            cuda.Context.Drain();
            return null;
        }
#pragma warning disable CA1031 // What kind of error comes out is the question.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    internal static void Multiply(CudaScratch cuda)
    {
        using var lt = CublasLtHandle.Create(cuda.Context);
        using var cublas = CublasHandle.Create(cuda.Stream, cuda.Allocate<byte>(WorkspaceBytes));
        using var plan = CublasLtMatmul.Create(lt, s_product, WorkspaceBytes);
        using var restored = CublasLtMatmul.Restore(lt, s_product, plan.ExportAlgorithm());
        var naive = new NaiveMatmul(s_product);
        var buffers = new MatmulBuffers
        {
            A = cuda.Upload(naive.A), B = cuda.Upload(naive.B), D = cuda.Allocate<float>(64),
            Bias = cuda.Upload(SmallNumbers.Make(8, 1)), Mask = cuda.Allocate<byte>(s_product.MaskBytes),
            Workspace = cuda.Allocate<byte>(plan.WorkspaceBytes),
        };
        plan.Run(cuda.Stream, buffers);
        cublas.Multiply(s_product with { Epilogue = MatmulEpilogue.None }, buffers.A, buffers.B, buffers.D);
    }

    internal static void Convolve(CudaScratch cuda)
    {
        using var cudnn = CudnnHandle.Create(cuda.Stream);
        using var plan = ConvolutionPlan.Create(cudnn, s_convolution, WorkspaceBytes);
        var naive = new NaiveConvolution(s_convolution);
        using var binding = plan.Bind(new ConvolutionBuffers
        {
            Input = cuda.Upload(naive.Input), Filter = cuda.Upload(naive.Filter),
            Output = cuda.Allocate<float>(naive.Output.Length), Bias = cuda.Upload(naive.Bias),
            Addend = cuda.Upload(naive.Output), Workspace = cuda.Allocate<byte>(plan.WorkspaceBytes),
        });
        binding.Execute();
    }
}
