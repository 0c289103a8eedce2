using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A library that fails: by itself, or because the device has faulted, which only the driver tells.</summary>
[CudaFixture]
internal sealed class LibraryFaultTests
{
    [OneTimeSetUp]
    public void RequireSimulation()
    {
        var availability = CudaAvailability.Probe(CudaComponents.All);
        if (!availability.IsAvailable) Assert.Ignore(availability.Reason);
        if (!SimulatedDriver.IsPresent) Assert.Ignore("true libraries do not fail on demand");
    }

    [TearDown]
    public void Heal() => SimulatedDriver.Reset();

    [TestCase("cublasLtMatmul", 13)]
    [TestCase("cudnnBackendExecute", 5000)]
    public void Failure_WithAFaultBehindIt_PoisonsAndNamesTheFault(string symbol, int status)
    {
        SimulatedDriver.SetFault("cuMemGetInfo_v2", 1, CUresult.CUDA_ERROR_ILLEGAL_ADDRESS);

        var (error, fault) = Fail(symbol, status);

        Assert.That(error, Is.InstanceOf<CudaException>().With.Property("Code").EqualTo(700));
        Assert.That(error!.InnerException!.Message, Does.Contain(symbol).And.Contain("cuda:0"));
        Assert.That(fault, Is.SameAs(error));
    }

    [TestCase("cublasLtMatmul", 13)]
    [TestCase("cudnnBackendExecute", 5000)]
    public void Failure_WithoutAFault_NamesCallAndDeviceAndPoisonsNothing(string symbol, int status)
    {
        var (error, fault) = Fail(symbol, status);

        Assert.That(error, symbol.StartsWith("cublas", StringComparison.Ordinal)
            ? Is.InstanceOf<CublasException>() : Is.InstanceOf<CudnnException>());
        Assert.That(error!.Message, Does.Contain(symbol).And.Contain("cuda:0"));
        Assert.That(fault, Is.Null);
    }

    [Test]
    public void Ring_UploadsThatFail_GiveTheirSlotsBack([Values("cuMemcpyHtoDAsync_v2", "cuEventRecord")] string symbol)
    {
        using var cuda = CudaScratch.Require(CudaComponents.Driver);
        using var ring = new PinnedRing(cuda.Context, 2, 64);
        var target = cuda.Allocate<byte>(64);

        for (var i = 0; i < 5; i++)
        {
            var slot = ring.Take();
            ring[slot].Span.Fill((byte)i);
            SimulatedDriver.SetFault(symbol, 1, CUresult.CUDA_ERROR_INVALID_VALUE);
            Assert.That(() => ring.EnqueueUpload(slot, target, cuda.Stream), Throws.InstanceOf<CudaException>());
            SimulatedDriver.ClearFaults();
        }
        var last = ring.Take();
        ring[last].Span.Fill(9);
        ring.EnqueueUpload(last, target, cuda.Stream);

        Assert.That(cuda.Download<byte>(target, 64), Is.All.EqualTo(9));
    }

    private static (Exception? Error, CudaException? Fault) Fail(string symbol, int status)
    {
        SimulatedDriver.SetFault(symbol, 1, (CUresult)status);
        using var cuda = CudaScratch.Require(CudaComponents.Driver);
        var use = symbol.StartsWith("cublas", StringComparison.Ordinal)
            ? (Action<CudaScratch>)LibraryFaultSweepTests.Multiply : LibraryFaultSweepTests.Convolve;
        var error = Assert.Catch(() => use(cuda));
        return (error, cuda.Context.Fault);
    }
}
