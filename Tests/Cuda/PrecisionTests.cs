using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// What each arithmetic of the CUDA path may differ by from the processor's single precision, relative in norm. A
/// simulated device rounds where the real libraries do and adds in single precision.
/// </summary>
[CudaFixture]
internal sealed class PrecisionTests
{
    /// <summary>One op, or a network without kinks: 8, 11 and 24 bits of mantissa, a few times over.</summary>
    private static double Smooth(PlanPrecision precision) => precision switch
    {
        PlanPrecision.BFloat16 => 2e-2,
        PlanPrecision.TensorFloat32 => 2e-3,
        _ => 1e-5,
    };

    /// <summary>
    /// Whole ReLU networks: a value within rounding of zero falls on the other side, and its share of the gradient comes
    /// or goes altogether. Image gradient, parameter gradients, and the least share of the former's signs that agree.
    /// </summary>
    /// <remarks>
    /// Batch statistics double it for parameters: mean and slope are taken out of gradients, what is left is small. PyTorch
    /// 1.13's bf16 differs from its own single precision by 0.11 to 0.14 there (Tests/Golden/bf16.py).
    /// </remarks>
    private static (double Image, double Parameters, double Signs) Kinked(PlanPrecision precision, bool hasBatchStatistics)
    {
        var more = hasBatchStatistics ? 2 : 1;
        return precision switch
        {
            PlanPrecision.BFloat16 => (0.3, more * 0.08, 0.92),
            PlanPrecision.TensorFloat32 => (0.1, more * 0.03, 0.97),
            _ => (1e-3, 1e-3, 0.999),
        };
    }

    [TestCaseSource(typeof(OpCatalogue), nameof(OpCatalogue.Cases))]
    public void Run_OfEveryOpInLowPrecision_IsNearTheProcessor(OpCase item) =>
        CheckOp(CudaCase.Of(item.Name, Agreement.Close, item.Build));

    [TestCaseSource(typeof(CudaOpCases), nameof(CudaOpCases.Cases))]
    public void Run_AtTheEdgesInLowPrecision_IsNearTheProcessor(CudaCase item) => CheckOp(item);

    [Test]
    public void Run_OfAConvolution_RoundsWhatItMultiplies()
    {
        // Alone in the processor's place: what is no worse than single precision was not rounded at all.
        var item = CudaCase.Of("conv", Agreement.Close, b => b.Graph.Conv2d(
            b.Input(new Shape(2, 9, 9, 16), 1), b.Input(new Shape(16, 3, 3, 16), 2), padding: 1));

        var errors = Enum.GetValues<PlanPrecision>().Select(p => CheckOp(item, p)).ToArray();

        Assert.That(errors[(int)PlanPrecision.BFloat16], Is.GreaterThan(5e-4));
        // A real library may take an engine without tensor cores for so small a size.
        if (SimulatedDriver.IsPresent) Assert.That(errors[(int)PlanPrecision.TensorFloat32], Is.GreaterThan(1e-4));
    }

    [Test]
    public void Run_OfALinearLayer_RoundsUnlessItIsTheLast(
        [Values(PlanPrecision.TensorFloat32, PlanPrecision.BFloat16)] PlanPrecision precision, [Values] bool isLast)
    {
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();

        var difference = Layer(cuda, precision).Zip(Layer(cpu, PlanPrecision.Float32), Difference).Max();

        Assert.That(difference, Is.LessThan(isLast ? Smooth(PlanPrecision.Float32) : Smooth(precision)));
        var alwaysRounds = precision == PlanPrecision.BFloat16 || SimulatedDriver.IsPresent;
        if (!isLast && alwaysRounds) Assert.That(difference, Is.GreaterThan(1e-4));

        double[][] Layer(Device device, PlanPrecision arithmetic)
        {
            using var bench = new GraphBench(device, DType.Float32);
            var (x, w, b) = (bench.Input(new Shape(6, 32), 1), bench.Input(new Shape(16, 32), 2), bench.Input(new Shape(16), 3));
            var y = bench.Graph.Linear(x, w, b, fullPrecision: isLast);
            var loss = bench.Graph.SumAll(bench.Graph.Square(y));
            return bench.Run(new PlanOptions { Precision = arithmetic }, [y, .. bench.Graph.Gradients(loss, x, w, b)]);
        }
    }

    [Test]
    public void Run_OfASmoothNetwork_IsNearTheProcessor([Values] PlanPrecision precision)
    {
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();
        var expected = SmoothNetwork.Run(cpu, PlanPrecision.Float32);

        var found = SmoothNetwork.Run(cuda, precision);

        for (var i = 0; i < expected.Length; i++)
            Assert.That(Difference(found[i], expected[i]), Is.LessThan(Smooth(precision)), SmoothNetwork.Names[i]);
    }

    [Test]
    public void Run_OfAReluNetwork_IsNearTheProcessor(
        [Values("mlp", "small-cnn", "medium-cnn", "wrn-10-1")] string model,
        [Values(ForwardMode.Eval, ForwardMode.Train)] ForwardMode mode, [Values] PlanPrecision precision)
    {
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();
        var expected = Gradients(cpu, model, mode, PlanPrecision.Float32);
        var (image, parameters, signs) =
            Kinked(precision, mode == ForwardMode.Train && model.StartsWith("wrn", StringComparison.Ordinal));

        var found = Gradients(cuda, model, mode, precision);

        Assert.That(Difference(found.Image, expected.Image), Is.LessThan(image), "image gradient");
        Assert.That(Difference(found.Parameters, expected.Parameters), Is.LessThan(parameters), "parameter gradients");
        Assert.That(SameSigns(found.Image, expected.Image), Is.GreaterThanOrEqualTo(signs), "signs of the image gradient");
    }

    [Test]
    public void Run_OfAWeightGradientTheLibraryRounds_IsWidened()
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var bench = new GraphBench(cuda, DType.Float32);
        var (x, dy) = (bench.Input(new Shape(2, 6, 6, 8), 1), bench.Input(new Shape(2, 6, 6, 16), 2));
        var g = bench.Graph;
        Node Gradient(Op op) => g.Apply(op, g.Apply(new ConvertOp(DType.BFloat16, 8), x), g.Apply(new ConvertOp(DType.BFloat16, 16), dy));
        var shape = new ConvShape(6, 6, 8, 3, 3, 16, 1, 1, 1, 1);

        var values = bench.Run(null, Gradient(new WeightGradientOp(shape, IsRounded: false)), Gradient(new WeightGradientOp(shape, IsRounded: true)));

        Assert.That(Array.ConvertAll(values[0], v => (double)ConvertOp.Widen(ConvertOp.Narrow((float)v))), Is.EqualTo(values[1]));
        Assert.That(values[1], Is.Not.EqualTo(values[0]));
    }

    private static void CheckOp(CudaCase item)
    {
        foreach (var precision in new[] { PlanPrecision.TensorFloat32, PlanPrecision.BFloat16 }) CheckOp(item, precision);
    }

    /// <summary>Checks every tensor a case leaves, and returns the largest difference.</summary>
    private static double CheckOp(CudaCase item, PlanPrecision precision)
    {
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();
        var expected = NarrowCase.Run(item, cpu, PlanPrecision.Float32, isRounded: precision == PlanPrecision.BFloat16);

        var found = NarrowCase.Run(item, cuda, precision, isRounded: precision == PlanPrecision.BFloat16);

        double largest = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Difference(found[i], expected[i]);
            Assert.That(difference, Is.LessThanOrEqualTo(Smooth(precision)), $"{precision}, tensor {i}");
            largest = Math.Max(largest, difference);
        }
        return largest;
    }

    private static (double[] Image, double[] Parameters) Gradients(
        Device device, string model, ForwardMode mode, PlanPrecision precision)
    {
        const int Images = 16, Classes = 10;
        using var bench = new GraphBench(device, DType.Float32);
        var channels = model.StartsWith("wrn", StringComparison.Ordinal) ? 3 : 1;
        using var network = Network.Create(new NetworkSpec(model, 8, 8, channels, Classes), device, seed: 1);
        var shape = new Shape(Images, 8, 8, channels);
        var x = bench.Input(shape, TestValues.Uniform(shape.Count, 2, 0, 1));
        var logits = network.Forward(new ForwardContext(bench.Graph, mode), x);
        var loss = bench.Graph.Mean(
            bench.Graph.SoftmaxCrossEntropy(logits, bench.Ints(TestValues.Labels(Images, Classes, 3))));
        var gradients = bench.Graph.Gradients(loss, [x, .. network.BindParameters(bench.Graph)]);
        var values = bench.Run(new PlanOptions { Precision = precision }, gradients);
        return (values[0], [.. values.Skip(1).SelectMany(v => v)]);
    }

    /// <summary>Relative in norm; a NaN is one on both sides.</summary>
    private static double Difference(double[] found, double[] expected)
    {
        Assert.That(found, Has.Length.EqualTo(expected.Length));
        double error = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.That(double.IsNaN(found[i]), Is.EqualTo(double.IsNaN(expected[i])), $"element {i}");
            if (double.IsNaN(expected[i])) continue;
            error += (found[i] - expected[i]) * (found[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        return error == 0 ? 0 : Math.Sqrt(error / norm);
    }

    /// <summary>A weight gradient of bf16 operands in single precision, by either of the two ways there are.</summary>
    private sealed record WeightGradientOp(ConvShape Conv, bool IsRounded) : Op, ICudaOp
    {
        public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
            new(DType.Float32, new Shape(Conv.OutChannels, Conv.KernelHeight, Conv.KernelWidth, Conv.InChannels));

        public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
        {
            if (!IsRounded) return ConvCuda.CreateWeightGradient(device, signature, Conv);
            var spec = ConvCuda.Spec(device, signature, Conv) with { Direction = ConvolutionDirection.BackwardFilter };
            return ConvCuda.CreateRoundedWeightGradient(device, spec, signature.Output);
        }
    }

    private static double SameSigns(double[] found, double[] expected) =>
        found.Zip(expected).Count(p => Math.Sign(p.First) == Math.Sign(p.Second)) / (double)found.Length;
}
