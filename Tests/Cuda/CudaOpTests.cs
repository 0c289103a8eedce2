using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Every op's CUDA kernel against the same op on the processor.</summary>
[CudaFixture]
internal sealed class CudaOpTests
{
    /// <summary>What a float kernel may differ by in norm: sums in another order, and the last bits of exp and log.</summary>
    private const double FloatTolerance = 1e-5;

    private const double DoubleTolerance = 1e-12;

    [TestCaseSource(typeof(OpCatalogue), nameof(OpCatalogue.Cases))]
    public void Run_OfEveryOp_AgreesWithTheProcessor(OpCase item) =>
        Check(CudaCase.Of(item.Name, Agreement.Close, item.Build));

    [TestCaseSource(typeof(CudaOpCases), nameof(CudaOpCases.Cases))]
    public void Run_AtTheEdges_AgreesWithTheProcessor(CudaCase item) => Check(item);

    [TestCaseSource(typeof(CudaConvCases), nameof(CudaConvCases.Cases))]
    public void Run_OfOurOwnConvolutions_AgreesWithTheProcessor(CudaCase item) => Check(item);

    [TestCaseSource(typeof(CudaWeightCases), nameof(CudaWeightCases.Cases))]
    public void Run_OfTheWeightStep_GivesTheProcessorsBits(CudaCase item) => Check(item);

    [TestCaseSource(typeof(CudaWeightCases), nameof(CudaWeightCases.Failures))]
    public void Run_OfAWeightStepThatFails_SaysWhy(CudaCase item, int status, int bad)
    {
        using var cuda = CudaTestDevice.CreateDevice();

        var tensors = item.Run(cuda, DType.Float32);

        Assert.That(tensors[2], Is.EqualTo(new double[] { status, bad }));
        Check(item);
    }

    [TestCase(-1)]
    [TestCase(3)]
    [TestCase(int.MinValue)]
    public void Run_WithALabelThatIsNoClass_GivesNaNForTheSentinelToSee(int label)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var bench = new GraphBench(cuda, DType.Float32);
        var g = bench.Graph;
        var (logits, labels) = (bench.Input(new Shape(2, 3), 1), bench.Ints(1, label));

        var values = bench.Run(null, g.Apply(new SoftmaxCrossEntropyOp(0), logits, labels), g.Apply(new MarginOp(), logits, labels),
            g.Apply(new ClassRiskOp(3), bench.Input(new Shape(2), 2), labels),
            g.Apply(new GatherByLabelOp(DType.Float32), bench.Doubles(new Shape(3), [1, 2, 3]), labels),
            g.Apply(new OneHotOp(3, DType.Float32), labels));

        foreach (var (at, index) in new[] { (0, 1), (1, 1), (3, 1), (4, 5) })
        {
            Assert.That(values[at][index], Is.NaN, $"value {at}");
            Assert.That(values[at][0], Is.Not.NaN, $"value {at} of the sample before");
        }
        Assert.That(values[2][..3], Is.All.NaN, "class sums");
    }

    private static void Check(CudaCase item)
    {
        foreach (var type in new[] { DType.Float32, DType.Float64 })
        {
            using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
            using var cuda = CudaTestDevice.CreateDevice();
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
