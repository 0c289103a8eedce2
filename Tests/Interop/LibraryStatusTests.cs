using System.Runtime.CompilerServices;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Names, kinds and sizes that need no library.</summary>
internal sealed class LibraryStatusTests
{
    [TestCase("CublasApi.cublasCreate_v2(out var handle)", ExpectedResult = "cublasCreate_v2")]
    [TestCase("cudnnBackendFinalize(TENSOR)", ExpectedResult = "cudnnBackendFinalize(TENSOR)")]
    [TestCase("status", ExpectedResult = "status")]
    [TestCase("", ExpectedResult = "a native call")]
    [TestCase(null, ExpectedResult = "a native call")]
    public string Name_OfACall_IsItsFunction(string? expression) => NativeCall.Name(expression);

    [TestCase(0, CudnnStatusKind.Success)]
    [TestCase(1001, CudnnStatusKind.NotInitialized)]
    [TestCase(1008, CudnnStatusKind.NotInitialized)]
    [TestCase(2000, CudnnStatusKind.BadParameter)]
    [TestCase(2107, CudnnStatusKind.BadParameter)]
    [TestCase(3999, CudnnStatusKind.NotSupported)]
    [TestCase(4000, CudnnStatusKind.InternalError)]
    [TestCase(5003, CudnnStatusKind.ExecutionFailed)]
    [TestCase(9000, CudnnStatusKind.Unknown)]
    [TestCase(3, CudnnStatusKind.Unknown)]
    public void Kind_OfAStatus_IsItsThousand(int status, CudnnStatusKind expected) =>
        Assert.That(((cudnnStatus_t)status).Kind(), Is.EqualTo(expected));

    [Test]
    public void Exceptions_SayCallNumberAndText()
    {
        var blas = new CublasException("cublasLtMatmul", 13, "CUBLAS_STATUS_EXECUTION_FAILED", "it failed", "cuda:1 GPU");
        var dnn = new CudnnException("cudnnBackendExecute", 5000, CudnnStatusKind.ExecutionFailed, "EXECUTION_FAILED", "no memory", "cuda:1 GPU");
        var nvrtc = new NvrtcException("nvrtcCompileProgram", 7, "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE");

        Assert.Multiple(() =>
        {
            Assert.That(blas.Message, Does.Contain("cublasLtMatmul").And.Contain("CUBLAS_STATUS_EXECUTION_FAILED (13): it failed"));
            Assert.That(dnn.Message, Does.Contain("cudnnBackendExecute").And.Contain("EXECUTION_FAILED (5000): no memory"));
            Assert.That((blas.Call, blas.Device), Is.EqualTo(("cublasLtMatmul", "cuda:1 GPU")));
            Assert.That((dnn.Call, dnn.Device), Is.EqualTo(("cudnnBackendExecute", "cuda:1 GPU")));
            Assert.That(new[] { blas.Message, dnn.Message }, Is.All.Contains("cuda:1 GPU"));
            Assert.That(nvrtc.Message, Does.Contain("(7)").And.Contain("libnvrtc-builtins"));
            Assert.That(new[] { blas.IsUsage, dnn.IsUsage, nvrtc.IsUsage }, Is.All.False);
        });
    }

    [Test]
    public void NativeTypes_HaveTheSizesOfTheirTwins()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Unsafe.SizeOf<cublasLtMatmulAlgo_t>(), Is.EqualTo(64));
            Assert.That(Unsafe.SizeOf<cublasLtMatmulHeuristicResult_t>(), Is.EqualTo(96));
            Assert.That(Unsafe.SizeOf<cudnnBackendDescriptor_t>(), Is.EqualTo(8));
            Assert.That(Unsafe.SizeOf<cudnnStatus_t>(), Is.EqualTo(4));
            Assert.That(Unsafe.SizeOf<cudnnBackendAttributeName_t>(), Is.EqualTo(4));
        });
    }
}
