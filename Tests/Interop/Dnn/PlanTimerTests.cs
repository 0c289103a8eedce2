using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Which plan is taken where speed is asked for: the library's favourite, unless another runs faster.</summary>
[CudaFixture]
internal sealed class PlanTimerTests
{
    // Of the simulated library: its favourite for gradients, whose results do not repeat, and its plain engine.
    private const long Favourite = 2, Plain = 0;

    private static readonly ConvolutionSpec s_gradient = new()
    {
        N = 2, H = 5, W = 5, C = 4, K = 4, R = 3, S = 3, PadTop = 1, PadBottom = 1, PadLeft = 1, PadRight = 1,
        Direction = ConvolutionDirection.BackwardData, Determinism = Determinism.Fast,
    };

    private CudaScratch _cuda = null!; // made before each test
    private CudnnHandle _cudnn = null!; // made before each test
    private DeviceStatisticsResource _memory = null!; // made before each test

    [SetUp]
    public void SetUp()
    {
        _cuda = CudaScratch.Require(CudaComponents.Driver | CudaComponents.Cudnn);
        if (!SimulatedDriver.IsPresent) Assert.Ignore("which engine of the true library is slow is not known");
        _cudnn = CudnnHandle.Create(_cuda.Stream);
        _memory = new DeviceStatisticsResource(new DriverMemoryResource(_cuda.Context));
    }

    [TearDown]
    public void TearDown()
    {
        if (SimulatedDriver.IsPresent) SimulatedDriver.SetSlowEngine(-1);
        _cudnn?.Dispose();
        _cuda?.Dispose();
    }

    [TestCase(Favourite, Plain)]
    [TestCase(Plain, Favourite)]
    public void Get_Fast_TakesWhatRunsFastest(long slow, long expected)
    {
        SimulatedDriver.SetSlowEngine(slow);

        Assert.That(Engine(s_gradient), Does.StartWith($"engine {expected}"));
        Assert.That(_memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Get_Reproducible_TakesTheLibrarysOrderWhateverItsSpeed()
    {
        SimulatedDriver.SetSlowEngine(Plain);

        Assert.That(Engine(s_gradient with { Determinism = Determinism.Reproducible }), Does.StartWith($"engine {Plain}"));
        Assert.That(_memory.AllocationCount, Is.Zero, "nothing is tried");
    }

    [Test]
    public void Get_FastWithoutMemoryToTry_TakesTheLibrarysFavourite()
    {
        SimulatedDriver.SetSlowEngine(Favourite);
        var limited = new DeviceLimitingResource(_memory, 1024);
        using var plans = new ConvolutionPlanCache(_cudnn, 1 << 20, new PlanTimer(limited, _cuda.Stream));

        Assert.That(plans.Get(s_gradient).Engine, Does.StartWith($"engine {Favourite}"));
        Assert.That(_memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Get_FastPlanThatFailsWhenRun_IsPassedOver()
    {
        SimulatedDriver.SetSlowEngine(Plain);
        SimulatedDriver.SetFault("cudnnBackendExecute", 1, (CUresult)5000);

        Assert.That(Engine(s_gradient), Does.StartWith($"engine {Plain}"));
        Assert.That(_memory.LiveBytes, Is.Zero);
    }

    private string Engine(in ConvolutionSpec spec)
    {
        using var plans = new ConvolutionPlanCache(_cudnn, 1 << 20, new PlanTimer(_memory, _cuda.Stream));
        return plans.Get(spec).Engine;
    }
}
