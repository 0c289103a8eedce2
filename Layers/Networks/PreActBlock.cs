using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>bn-relu-conv-bn-relu-conv plus shortcut (He et al. 2016b). The shortcut convolution acts on relu(bn1(x))
/// and has no batch norm.</summary>
internal sealed class PreActBlock : Module
{
    private readonly BatchNorm2d _bn1, _bn2;
    private readonly Conv2d _conv1, _conv2;
    private readonly Conv2d? _shortcut;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="stride">Stride of the first convolution and the shortcut.</param>
    /// <param name="shortcutName">The shortcut's tensor name: it differs between the two families of networks.</param>
    /// <param name="shortcutOnStride">True where a stride alone makes a shortcut convolution.</param>
    public PreActBlock(int inputs, int outputs, int stride, string shortcutName, bool shortcutOnStride)
    {
        _bn1 = Add("bn1", new BatchNorm2d(inputs));
        _conv1 = Add("conv1", new Conv2d(inputs, outputs, 3, stride, 1));
        _bn2 = Add("bn2", new BatchNorm2d(outputs));
        _conv2 = Add("conv2", new Conv2d(outputs, outputs, 3, 1, 1));
        if (inputs != outputs || (shortcutOnStride && stride != 1))
            _shortcut = Add(shortcutName, new Conv2d(inputs, outputs, 1, stride));
    }

    public override Node Forward(ForwardContext context, Node x)
    {
        var graph = context.Graph;
        var active = graph.Relu(Run(_bn1, context, x));
        var shortcut = _shortcut is null ? x : Run(_shortcut, context, active);
        var y = graph.Relu(Run(_bn2, context, Run(_conv1, context, active)));
        return graph.Add(Run(_conv2, context, y), shortcut);
    }
}
