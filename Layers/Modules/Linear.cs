using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>A linear layer with bias: (N,in) to (N,out).</summary>
public sealed class Linear : Module
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly bool _last;

    /// <summary>Declares <c>weight</c> (out, in) and <c>bias</c> (out). After a flatten give the (H,W,C) before
    /// it.</summary>
    public Linear(int inputs, int outputs, bool last = false, Shape? flattened = null)
    {
        _last = last;
        var init = last ? ParameterInit.LeCun : ParameterInit.He;
        _weight = AddParameter("weight", new Shape(outputs, inputs), init, inputs, flattened);
        _bias = AddParameter("bias", new Shape(outputs), ParameterInit.Zero);
    }

    /// <inheritdoc/>
    public override Node Forward(ForwardContext context, Node x)
    {
        ArgumentNullException.ThrowIfNull(context);
        // Logits are worth full precision, and few classes fill no tensor core.
        return context.Graph.Linear(
            x, context.Graph.Bind(_weight.Value), context.Graph.Bind(_bias.Value), fullPrecision: _last);
    }
}
