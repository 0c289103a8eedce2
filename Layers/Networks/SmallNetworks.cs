using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>conv16-pool-conv32-pool-conv64-average-linear: 1.9 M multiply-adds for 28x28x1. No batch norm.</summary>
internal sealed class SmallCnn : Module
{
    private readonly Conv2d _conv1, _conv2, _conv3;
    private readonly Linear _linear;

    public SmallCnn(int channels, int classes)
    {
        _conv1 = Add("conv1", new Conv2d(channels, 16, 3, 1, 1, bias: true));
        _conv2 = Add("conv2", new Conv2d(16, 32, 3, 1, 1, bias: true));
        _conv3 = Add("conv3", new Conv2d(32, 64, 3, 1, 1, bias: true));
        _linear = Add("linear", new Linear(64, classes, last: true));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        var graph = context.Graph;
        x = graph.MaxPool2d(graph.Relu(Run(_conv1, context, x)), 2);
        x = graph.MaxPool2d(graph.Relu(Run(_conv2, context, x)), 2);
        x = graph.GlobalAvgPool(graph.Relu(Run(_conv3, context, x)));
        return Run(_linear, context, x);
    }
}

/// <summary>conv32-conv32-pool-conv64-conv64-pool-linear128-linear; 467,818 parameters for 28x28x1. No batch
/// norm.</summary>
internal sealed class MediumCnn : Module
{
    private readonly Conv2d _conv1, _conv2, _conv3, _conv4;
    private readonly Linear _fc1, _fc2;

    public MediumCnn(int height, int width, int channels, int classes)
    {
        _conv1 = Add("conv1", new Conv2d(channels, 32, 3, 1, 1, bias: true));
        _conv2 = Add("conv2", new Conv2d(32, 32, 3, 1, 1, bias: true));
        _conv3 = Add("conv3", new Conv2d(32, 64, 3, 1, 1, bias: true));
        _conv4 = Add("conv4", new Conv2d(64, 64, 3, 1, 1, bias: true));
        var flattened = new Shape(height / 4, width / 4, 64);
        _fc1 = Add("fc1", new Linear(checked((int)flattened.Count), 128, flattened: flattened));
        _fc2 = Add("fc2", new Linear(128, classes, last: true));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        var graph = context.Graph;
        x = graph.Relu(Run(_conv1, context, x));
        x = graph.MaxPool2d(graph.Relu(Run(_conv2, context, x)), 2);
        x = graph.Relu(Run(_conv3, context, x));
        x = graph.MaxPool2d(graph.Relu(Run(_conv4, context, x)), 2);
        x = graph.Relu(Run(_fc1, context, graph.Flatten(x)));
        return Run(_fc2, context, x);
    }
}

/// <summary>flatten-256-128-classes with ReLU.</summary>
internal sealed class Mlp : Module
{
    private readonly Linear _fc1, _fc2, _fc3;

    public Mlp(int height, int width, int channels, int classes)
    {
        var flattened = new Shape(height, width, channels);
        _fc1 = Add("fc1", new Linear(checked((int)flattened.Count), 256, flattened: flattened));
        _fc2 = Add("fc2", new Linear(256, 128));
        _fc3 = Add("fc3", new Linear(128, classes, last: true));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        var graph = context.Graph;
        x = graph.Relu(Run(_fc1, context, graph.Flatten(x)));
        return Run(_fc3, context, graph.Relu(Run(_fc2, context, x)));
    }
}
