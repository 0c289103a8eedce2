using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>conv-bn-relu-conv-bn plus shortcut, relu (He et al. 2016a); the shortcut is a 1x1 convolution where
/// shapes differ.</summary>
internal sealed class BasicBlock : Module
{
    private readonly Conv2d _conv1, _conv2;
    private readonly BatchNorm2d _bn1, _bn2;
    private readonly Conv2d? _shortcut;
    private readonly BatchNorm2d? _shortcutBn;

    public BasicBlock(int inputs, int outputs, int stride)
    {
        _conv1 = Add("conv1", new Conv2d(inputs, outputs, 3, stride, 1));
        _bn1 = Add("bn1", new BatchNorm2d(outputs));
        _conv2 = Add("conv2", new Conv2d(outputs, outputs, 3, 1, 1));
        _bn2 = Add("bn2", new BatchNorm2d(outputs));
        if (stride == 1 && inputs == outputs) return;
        _shortcut = Add("shortcut.0", new Conv2d(inputs, outputs, 1, stride));
        _shortcutBn = Add("shortcut.1", new BatchNorm2d(outputs));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        var graph = context.Graph;
        // The shortcut and its batch norm exist both or neither.
        var shortcut = _shortcut is null ? x : Run(_shortcutBn!, context, Run(_shortcut, context, x));
        var y = graph.Relu(Run(_bn1, context, Run(_conv1, context, x)));
        return graph.Relu(graph.Add(Run(_bn2, context, Run(_conv2, context, y)), shortcut));
    }
}
