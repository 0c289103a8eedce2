using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>The CIFAR variant of ResNet-18: 3x3 stem, stages of 64, 128, 256, 512 channels, two basic blocks
/// each.</summary>
internal sealed class ResNet18 : Module
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly List<BasicBlock> _blocks = [];
    private readonly Linear _linear;

    public ResNet18(int channels, int classes)
    {
        _conv1 = Add("conv1", new Conv2d(channels, 64, 3, 1, 1));
        _bn1 = Add("bn1", new BatchNorm2d(64));
        var inputs = 64;
        for (var stage = 0; stage < 4; stage++)
        {
            var outputs = 64 << stage;
            for (var block = 0; block < 2; block++)
            {
                var stride = stage > 0 && block == 0 ? 2 : 1;
                _blocks.Add(Add($"layer{stage + 1}.{block}", new BasicBlock(inputs, outputs, stride)));
                inputs = outputs;
            }
        }
        _linear = Add("linear", new Linear(inputs, classes, last: true));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        x = context.Graph.Relu(Run(_bn1, context, Run(_conv1, context, x)));
        foreach (var block in _blocks) x = Run(block, context, x);
        return Run(_linear, context, context.Graph.GlobalAvgPool(x));
    }
}
