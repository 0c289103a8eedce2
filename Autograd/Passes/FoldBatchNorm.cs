namespace Codat.Native.Autograd;

/// <summary>
/// Folds batch norm with running statistics into the convolution before it, forward and in the input gradient.
/// </summary>
/// <remarks>
/// Legal only for running statistics, which are constants, and only where the convolution's sole consumer is the batch
/// norm; the first batch norm of a pre-activation block has no convolution before it and stays an affine pass.
/// </remarks>
internal static class FoldBatchNorm
{
    public static GraphBuilder Run(GraphBuilder source) =>
        GraphRewriter.Run(source, (context, id) => source[id].Op switch
        {
            ChannelAffineOp { Residual: false, Relu: false } => Forward(context, id, source[id]),
            Conv2dInputGradOp { Epilogue.IsEmpty: true } op => Backward(context, id, source[id], op),
            _ => null,
        });

    /// <summary>affine(conv(x, w)) becomes conv(x, w scale) + shift.</summary>
    private static Node? Forward(RewriteContext context, int id, NodeData affine)
    {
        var (conv, graph) = (affine.Inputs[0], context.Target);
        if (context.Source[conv].Op is not Conv2dOp { Epilogue.IsEmpty: true } op || context.Uses(conv) != 1)
            return null;
        if (!context.CanMove(conv, id)) return null;
        var fold = context[affine.Inputs[1]];
        var weights = graph.Apply(new ScaleFiltersOp(), context[context.Source[conv].Inputs[1]], fold);
        return graph.Apply(op with { Epilogue = new Epilogue(Bias: true) },
            context[context.Source[conv].Inputs[0]], weights, graph.Row(fold, 1));
    }

    /// <summary>conv_grad(scale dy, w) becomes conv_grad(dy, w scale).</summary>
    private static Node? Backward(RewriteContext context, int id, NodeData data, Conv2dInputGradOp op)
    {
        var (scaled, graph) = (data.Inputs[0], context.Target);
        if (context.Source[scaled].Op is not ChannelScaleOp { Mask: false } || context.Uses(scaled) != 1) return null;
        if (!context.CanMove(scaled, id)) return null;
        var inputs = context.Source[scaled].Inputs;
        var weights = graph.Apply(new ScaleFiltersOp(), context[data.Inputs[1]], context[inputs[1]]);
        return graph.Apply(op, context[inputs[0]], weights);
    }
}
