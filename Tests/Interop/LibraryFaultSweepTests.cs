using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Fails every call of the matrix and convolution libraries once while something is planned and run, and looks at what
/// is left: an error that says what failed, nothing alive, and libraries that work again.
/// </summary>
[CudaFixture]
internal sealed class LibraryFaultSweepTests
{
    private const long WorkspaceBytes = 1 << 20;
    private const int InternalError = 14;
    private const int DnnInternalError = 4000;

    // Releases: what could not be released stays alive by definition, and the error is parked. Texts: asked for messages.
    private static readonly string[] s_others = ["Destroy", "String", "Version", "GetStatus"];

    // The next engine is tried, or a plan is not written down.
    private static readonly string[] s_otherWayOut = ["cudnnBackendFinalize", "cudnnBackendGetAttribute"];

    private static readonly MatmulSpec s_product = new()
    {
        M = 8, N = 8, K = 8, Epilogue = MatmulEpilogue.BiasReluMask, Determinism = Determinism.Reproducible,
    };

    private static readonly ConvolutionSpec s_convolution = new()
    {
        N = 1, H = 4, W = 4, C = 8, K = 8, R = 3, S = 3, Precision = MathPrecision.TensorFloat32,
        Epilogue = ConvolutionEpilogue.Bias | ConvolutionEpilogue.Addend | ConvolutionEpilogue.Relu,
    };

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
    public void Products_EveryCallFailedOnce_LeaveNothingBehind() => Sweep("cublas", InternalError, Multiply);

    [Test]
    public void Convolutions_EveryCallFailedOnce_LeaveNothingBehind() => Sweep("cudnn", DnnInternalError, Convolve);

    private static void Sweep(string prefix, int status, Action<CudaScratch> use)
    {
        var sites = Sites(prefix, use);
        var mistakes = new List<string>();
        var failures = 0;
        // Devices of other fixtures live as long as the process.
        string[] others = SimulatedDriver.Alive();
        foreach (var (symbol, nth) in sites)
        {
            SimulatedDriver.Reset();
            SimulatedDriver.SetFault(symbol, nth, (CUresult)status);
            var error = Run(use);
            SimulatedDriver.ClearFaults();
            string at = $"{symbol}, call {nth}";
            if (error is null && !s_otherWayOut.Contains(symbol)) mistakes.Add($"{at}: swallowed");
            else if (error is CublasException or CudnnException && error.Message.Contains(symbol, StringComparison.Ordinal)) failures++;
            // Where every engine or stored algorithm is refused, the error is about that, with the last reason.
            else if (error is CodatException && error.Message.Contains("INTERNAL_ERROR", StringComparison.Ordinal)) failures++;
            else if (error is not null) mistakes.Add($"{at}: {error.GetType().Name}: {error.Message}");
            mistakes.AddRange(SimulatedDriver.Problems().Select(p => $"{at}: {p}"));
            // A failed release leaves its object alive by definition, for as long as another fixture holds the context.
            if (symbol.Contains("Destroy", StringComparison.Ordinal)) others = SimulatedDriver.Alive();
            mistakes.AddRange(SimulatedDriver.Alive().Except(others).Select(a => $"{at}: {a}"));
            if (Run(use) is { } after) mistakes.Add($"{at}: does not work afterwards: {after.Message}");
            if (mistakes.Count > 20) break;
        }

        Assert.That(mistakes, Is.Empty);
        Assert.That(sites, Has.Length.GreaterThan(20));
        // Only what has another way out may go on: the next engine, a plan that is not written down.
        Assert.That(failures, Is.GreaterThan(sites.Length / 2));
    }

    private static (string Symbol, long Nth)[] Sites(string prefix, Action<CudaScratch> use)
    {
        SimulatedDriver.Reset();
        Assert.That(Run(use), Is.Null);
        return
        [
            .. SimulatedDriver.Calls().Where(c => c.Symbol.StartsWith(prefix, StringComparison.Ordinal)
                    && !s_others.Any(other => c.Symbol.Contains(other, StringComparison.Ordinal)))
                .SelectMany(c => Enumerable.Range(1, (int)c.Calls).Select(n => (c.Symbol, (long)n))),
        ];
    }

    private static Exception? Run(Action<CudaScratch> use)
    {
        using var cuda = CudaScratch.Require(CudaComponents.Driver);
        try
        {
            use(cuda);
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
