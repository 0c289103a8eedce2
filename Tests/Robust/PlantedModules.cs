using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Tests;

/// <summary>A network whose images are rounded to a few levels: what every quantised input does to gradients.</summary>
internal sealed class QuantisedInput : Module
{
    private readonly Module _inner;

    public QuantisedInput(Module inner) => _inner = Add("", inner);

    public override Node Forward(ForwardContext context, Node x) => _inner.Forward(context, context.Graph.Apply(new QuantiseOp(), x));

    private sealed record QuantiseOp : Op, ICpuOp
    {
        public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

        public override void Backward(BackwardContext context) => context.Add(0, context.Graph.Scale(context.Gradient, 0));

        public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => new Kernel();

        private sealed class Kernel : CpuKernel
        {
            public override void Run(in CpuCall call)
            {
                var x = call.Input<float>(0);
                var y = call.Output<float>();
                for (var i = 0; i < y.Length; i++) y[i] = MathF.Round(x[i] * 8) / 8;
            }
        }
    }
}

/// <summary>A network whose batch norm never leaves the mode of training.</summary>
internal sealed class AlwaysTraining : Module
{
    private readonly Module _inner;

    public AlwaysTraining(Module inner) => _inner = Add("", inner);

    public override Node Forward(ForwardContext context, Node x) =>
        _inner.Forward(new ForwardContext(context.Graph, ForwardMode.BatchStats), x);
}

/// <summary>A network that adds noise to its images, other noise each time.</summary>
internal sealed class NoisyInput : Module
{
    private readonly Module _inner;
    private readonly Tensor _counter;

    /// <summary>The counter is the caller's.</summary>
    public NoisyInput(Module inner, Tensor counter) => (_inner, _counter) = (Add("", inner), counter);

    public override Node Forward(ForwardContext context, Node x)
    {
        var noisy = context.Graph.Apply(new NoiseOp(), x, context.Graph.Bind(_counter));
        context.Graph.Apply(new CountOp(), context.Graph.Bind(_counter));
        return _inner.Forward(context, noisy);
    }

    private sealed record NoiseOp : Op, ICpuOp
    {
        public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

        public override void Backward(BackwardContext context) => context.Add(0, context.Graph.Scale(context.Gradient, 1));

        public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => new Kernel();

        private sealed class Kernel : CpuKernel
        {
            public override void Run(in CpuCall call)
            {
                var x = call.Input<float>(0);
                var y = call.Output<float>();
                var random = new Random(call.Input<int>(1)[0]);
                for (var i = 0; i < y.Length; i++) y[i] = x[i] + 0.05f * (random.NextSingle() - 0.5f);
            }
        }
    }

    private sealed record CountOp : Op, ICpuOp
    {
        public override ReadOnlySpan<int> Mutates => [0];

        public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

        public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => new Kernel();

        private sealed class Kernel : CpuKernel
        {
            public override void Run(in CpuCall call) => call.Mutable<int>(0)[0]++;
        }
    }
}

/// <summary>A network with batch norm, small enough to train in a moment.</summary>
internal sealed class SmallNormed : Module
{
    private readonly Conv2d _conv;
    private readonly BatchNorm2d _norm;
    private readonly Linear _linear;

    public SmallNormed(int channels, int classes)
    {
        _conv = Add("conv", new Conv2d(channels, 16, 3, padding: 1));
        _norm = Add("bn", new BatchNorm2d(16));
        _linear = Add("linear", new Linear(16, classes, last: true));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        var graph = context.Graph;
        var y = graph.Relu(_norm.Forward(context, _conv.Forward(context, x)));
        return _linear.Forward(context, graph.GlobalAvgPool(y));
    }
}
