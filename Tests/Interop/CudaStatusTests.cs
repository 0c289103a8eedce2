using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Native status codes as exceptions: what they say, and what they do to the context.</summary>
internal sealed class CudaStatusTests
{
    [Test]
    public void ThrowIfFailed_Success_DoesNothing() => Assert.That(() => CUresult.CUDA_SUCCESS.ThrowIfFailed(), Throws.Nothing);

    [Test]
    public void ThrowIfFailed_Failure_NamesCallCodeAndDevice()
    {
        var context = FakeCuda.Context();

        var error = Assert.Throws<CudaException>(() => CUresult.CUDA_ERROR_INVALID_VALUE.ThrowIfFailed(context, "CudaApi.cuThis(that,\n     other)"));

        Assert.That(error!.Message, Does.StartWith("cuThis(that, other) failed (cuda:3 Imaginary)").And.Contain("CUDA_ERROR_INVALID_VALUE (1)"));
        Assert.That((error.Code, error.Name, error.Call, error.Device), Is.EqualTo((1, "CUDA_ERROR_INVALID_VALUE", "cuThis(that, other)", "cuda:3 Imaginary")));
        Assert.That(error.IsUsage, Is.False);
    }

    [Test]
    public void ThrowIfFailed_CallNotGiven_IsTheExpression()
    {
        static CUresult cuSomething(int argument) => (CUresult)argument;

        Assert.That(() => cuSomething(500).ThrowIfFailed(), Throws.InstanceOf<CudaException>().With.Message.Contains("cuSomething(500) failed").And.Message.Contains("NOT_FOUND (500)"));
    }

    [Test]
    public void ThrowIfFailed_UnknownNumber_SaysTheNumber() =>
        Assert.That(() => ((CUresult)777).ThrowIfFailed(), Throws.InstanceOf<CudaException>().With.Message.Contains("777"));

    [TestCase(CUresult.CUDA_ERROR_NO_DEVICE, "nvidia-smi")]
    [TestCase(CUresult.CUDA_ERROR_STUB_LIBRARY, "stubs")]
    [TestCase(CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, "restart")]
    [TestCase(CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION, "update the driver")]
    [TestCase(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "capture is lost")]
    [TestCase(CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED, "owner has destroyed it")]
    public void ThrowIfFailed_KnownTrouble_SaysWhatToDo(CUresult status, string advice) =>
        Assert.That(() => status.ThrowIfFailed(), Throws.InstanceOf<CudaException>().With.Message.Contains(advice));

    [Test]
    public void ThrowIfFailed_OutOfMemory_HasAnExceptionOfItsOwn()
    {
        var error = Assert.Throws<CudaOutOfMemoryException>(() => CUresult.CUDA_ERROR_OUT_OF_MEMORY.ThrowIfFailed("cuGraphInstantiate"));

        Assert.That(error!.Message, Does.Contain("out of device memory").And.Contain("cuGraphInstantiate").And.Contain("smaller batch"));
        Assert.That(error.InnerException, Is.InstanceOf<CudaException>());
    }

    [TestCase(214), TestCase(220), TestCase(226), TestCase(700), TestCase(702), TestCase(710), TestCase(714), TestCase(715), TestCase(716), TestCase(717),
     TestCase(718), TestCase(719), TestCase(721)]
    public void ThrowIfFailed_FaultOnTheDevice_PoisonsTheContext(int code)
    {
        var context = FakeCuda.Context();

        var first = Assert.Throws<CudaException>(() => ((CUresult)code).ThrowIfFailed(context, "cuStreamSynchronize"));
        var second = Assert.Throws<CudaContextPoisonedException>(() => context.Enter());
        var third = Assert.Throws<CudaContextPoisonedException>(() => ((CUresult)code).ThrowIfFailed(context, "cuEventRecord"));

        Assert.That(context.Fault, Is.SameAs(first));
        Assert.That(second!.InnerException, Is.SameAs(first));
        Assert.That(third!.First, Is.SameAs(first));
        Assert.That(second.Message, Does.Contain("unusable").And.Contain("cuStreamSynchronize").And.Contain("restart the process"));
    }

    [TestCase(1), TestCase(2), TestCase(400), TestCase(600), TestCase(701), TestCase(704), TestCase(712), TestCase(720), TestCase(801),
     TestCase(901), TestCase(999)]
    public void ThrowIfFailed_OtherErrors_LeaveTheContextUsable(int code)
    {
        var context = FakeCuda.Context();

        Assert.That(() => ((CUresult)code).ThrowIfFailed(context), Throws.InstanceOf<CodatException>());

        Assert.That(context.Fault, Is.Null);
        Assert.That(context.ThrowIfUnusable, Throws.Nothing);
    }

    [TestCase(201), TestCase(709)]
    public void ThrowIfFailed_BorrowedContextIsGone_IsLostForGood(int code)
    {
        var context = FakeCuda.Context();

        Assert.Throws<CudaContextLostException>(() => ((CUresult)code).ThrowIfFailed(context));

        Assert.That(context.IsLost, Is.True);
        Assert.Throws<CudaContextLostException>(() => context.Enter());
    }

    [Test]
    public void ParkIfFailed_Failure_IsKeptAndNotThrown()
    {
        var context = FakeCuda.Context();

        bool failed = CUresult.CUDA_ERROR_INVALID_HANDLE.ParkIfFailed(context);
        bool none = CUresult.CUDA_SUCCESS.ParkIfFailed(context);

        Assert.That((failed, none, context.ParkedErrors), Is.EqualTo((true, false, 1)));
    }

    [Test]
    public void ParkIfFailed_FaultOnTheDevice_PoisonsAndParksNothing()
    {
        var context = FakeCuda.Context();

        CUresult.CUDA_ERROR_ILLEGAL_ADDRESS.ParkIfFailed(context);
        CUresult.CUDA_ERROR_INVALID_HANDLE.ParkIfFailed(context);

        Assert.That(context.Fault!.Code, Is.EqualTo(700));
        Assert.That(context.ParkedErrors, Is.Zero);
    }

    [Test]
    public void ParkIfFailed_ProcessEnding_IsNoError()
    {
        var context = FakeCuda.Context();

        CUresult.CUDA_ERROR_DEINITIALIZED.ParkIfFailed(context);

        Assert.That(context.ParkedErrors, Is.Zero);
    }

    [Test]
    public void IsCapture_Range_IsTheNineCodes()
    {
        var codes = Enum.GetValues<CUresult>().Where(s => s.IsCapture()).Select(s => (int)s);

        Assert.That(codes, Is.EqualTo(Enumerable.Range(900, 9)));
    }
}
