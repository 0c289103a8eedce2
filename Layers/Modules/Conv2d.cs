using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>A convolution of x (N,H,W,in) with square kernels: (N,OH,OW,out).</summary>
public sealed class Conv2d : Module
{
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly int _stride;
    private readonly int _padding;

    /// <summary>Declares the weights <c>weight</c> (out, size, size, in) and, if wanted, <c>bias</c> (out).</summary>
    public Conv2d(int inputs, int outputs, int size, int stride = 1, int padding = 0, bool bias = false)
    {
        var fanIn = inputs * size * size;
        _weight = AddParameter("weight", new Shape(outputs, size, size, inputs), ParameterInit.He, fanIn);
        _bias = bias ? AddParameter("bias", new Shape(outputs), ParameterInit.Zero) : null;
        (_stride, _padding) = (stride, padding);
    }

    /// <inheritdoc/>
    public override Node Forward(ForwardContext context, Node x)
    {
        ArgumentNullException.ThrowIfNull(context);
        var graph = context.Graph;
        var y = graph.Conv2d(x, graph.Bind(_weight.Value), _stride, _padding);
        return _bias is null ? y : graph.AddChannels(y, graph.Bind(_bias.Value));
    }
}
