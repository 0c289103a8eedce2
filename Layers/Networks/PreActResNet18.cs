using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>Pre-activation ResNet-18 for small images; a last batch norm and ReLU before pooling, unless an old file
/// has none.</summary>
internal sealed class PreActResNet18 : Module
{
    public const string ModelName = "preact-resnet18";

    /// <summary>What the names of the last batch norm start with.</summary>
    public const string FinalBatchNormPrefix = "bn.";

    private readonly Conv2d _conv1;
    private readonly List<PreActBlock> _blocks = [];
    private readonly BatchNorm2d? _bn;
    private readonly Linear _linear;

    public PreActResNet18(int channels, int classes, bool finalBatchNorm)
    {
        _conv1 = Add("conv1", new Conv2d(channels, 64, 3, 1, 1));
        var inputs = 64;
        for (var stage = 0; stage < 4; stage++)
        {
            var outputs = 64 << stage;
            for (var block = 0; block < 2; block++)
            {
                var stride = stage > 0 && block == 0 ? 2 : 1;
                _blocks.Add(Add($"layer{stage + 1}.{block}",
                    new PreActBlock(inputs, outputs, stride, "shortcut.0", shortcutOnStride: true)));
                inputs = outputs;
            }
        }
        _bn = finalBatchNorm ? Add("bn", new BatchNorm2d(inputs)) : null;
        _linear = Add("linear", new Linear(inputs, classes, last: true));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        x = Run(_conv1, context, x);
        foreach (var block in _blocks) x = Run(block, context, x);
        if (_bn is not null) x = context.Graph.Relu(Run(_bn, context, x));
        return Run(_linear, context, context.Graph.GlobalAvgPool(x));
    }
}
