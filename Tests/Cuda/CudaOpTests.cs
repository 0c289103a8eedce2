using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Every op's CUDA kernel against the same op on the processor.</summary>
[Category(TestCuda.Category)]
internal sealed class CudaOpTests
{
    /// <summary>What a float kernel may differ by in norm: sums in another order, and the last bits of exp and log.</summary>
    private const double FloatTolerance = 1e-5;

    private const double DoubleTolerance = 1e-12;

    [OneTimeSetUp]
    public void RequireCuda()
    {
        if (TestCuda.WhyNot is { } reason) Assert.Ignore(reason);
    }

    [TestCaseSource(typeof(OpCatalogue), nameof(OpCatalogue.Cases))]
    public void Run_OfEveryOp_AgreesWithTheProcessor(OpCase item) =>
        Check(CudaCase.Of(item.Name, Agreement.Close, item.Build));

    [TestCaseSource(typeof(CudaOpCases), nameof(CudaOpCases.Cases))]
    public void Run_AtTheEdges_AgreesWithTheProcessor(CudaCase item) => Check(item);

    [TestCaseSource(typeof(CudaConvCases), nameof(CudaConvCases.Cases))]
    public void Run_OfOurOwnConvolutions_AgreesWithTheProcessor(CudaCase item) => Check(item);

    private static void Check(CudaCase item)
    {
        foreach (var type in new[] { DType.Float32, DType.Float64 })
        {
            using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
            using var cuda = TestCuda.CreateDevice();
            var expected = item.Run(cpu, type);

            var actual = item.Run(cuda, type);

            for (var i = 0; i < expected.Length; i++)
            {
                if (item.Agreement == Agreement.Exact) SameNumbers(actual[i], expected[i], $"{type}, tensor {i}");
                else CloseInNorm(actual[i], expected[i], type, $"{type}, tensor {i}");
            }
        }
    }

    private static void CloseInNorm(double[] actual, double[] expected, DType type, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        double difference = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.That(double.IsNaN(actual[i]), Is.EqualTo(double.IsNaN(expected[i])), $"{what}, element {i}");
            if (double.IsNaN(expected[i])) continue;
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        var tolerance = type == DType.Float32 ? FloatTolerance : DoubleTolerance;
        Assert.That(Math.Sqrt(difference), Is.LessThanOrEqualTo(tolerance * Math.Sqrt(norm)), what);
    }

    /// <summary>The same numbers; any NaN is as good as another, and so is either zero.</summary>
    private static void SameNumbers(double[] actual, double[] expected, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        for (var i = 0; i < expected.Length; i++)
        {
            if (actual[i] != expected[i] && !(double.IsNaN(actual[i]) && double.IsNaN(expected[i])))
                Assert.Fail($"{what}, element {i}: {actual[i]:R}, expected exactly {expected[i]:R}");
        }
    }
}
