using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>WideResNet-depth-width without dropout (Zagoruyko and Komodakis 2016).</summary>
internal sealed class WideResNet : Module
{
    private readonly Conv2d _conv1;
    private readonly List<PreActBlock> _blocks = [];
    private readonly BatchNorm2d _bn1;
    private readonly Linear _fc;

    public WideResNet(int channels, int classes, int depth, int width)
    {
        var perStage = (depth - 4) / 6;
        _conv1 = Add("conv1", new Conv2d(channels, 16, 3, 1, 1));
        var inputs = 16;
        for (var stage = 0; stage < 3; stage++)
        {
            var outputs = (16 << stage) * width;
            for (var block = 0; block < perStage; block++)
            {
                var stride = stage > 0 && block == 0 ? 2 : 1;
                _blocks.Add(Add($"block{stage + 1}.layer.{block}",
                    new PreActBlock(inputs, outputs, stride, "convShortcut", shortcutOnStride: false)));
                inputs = outputs;
            }
        }
        _bn1 = Add("bn1", new BatchNorm2d(inputs));
        _fc = Add("fc", new Linear(inputs, classes, last: true));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        x = Run(_conv1, context, x);
        foreach (var block in _blocks) x = Run(block, context, x);
        x = context.Graph.Relu(Run(_bn1, context, x));
        return Run(_fc, context, context.Graph.GlobalAvgPool(x));
    }
}
