namespace Codat.Native.Autograd;

/// <summary>
/// Fuses bias, residual add, ReLU and ReLU masks into the op that produces the value, sparing a pass over memory each.
/// </summary>
/// <remarks>
/// The result of a fused op is the same up to the rounding of the additions' order. An op is fused only into a sole
/// producer: where somebody else reads the intermediate value it stays. Fusing computes the producer at its consumer's
/// place, so nothing is fused across an effect, which may overwrite what the producer reads.
/// </remarks>
internal static class FuseEpilogues
{
    public static GraphBuilder Run(GraphBuilder source)
    {
        // What an absorbed value stands for in the new graph is decided when its last consumer in the chain is reached,
        // so each rule looks at new nodes that are still extendable.
        var open = new HashSet<int>();
        return GraphRewriter.Run(source, (context, id) =>
        {
            var fused = Fuse(context, source[id], open);
            var result = fused ?? context.Copy(id);
            // A producer may be extended further only while nobody else reads it.
            if (source[id].IsEffect) open.Clear();
            else if (context.Uses(id) == 1) open.Add(result.Id);
            else open.Remove(result.Id);
            return result;
        });
    }

    private static Node? Fuse(RewriteContext context, NodeData data, HashSet<int> open) => data.Op switch
    {
        BinaryOp { Kind: BinaryKind.Add, Spread: Broadcast.Channel } => Bias(context, data, open),
        BinaryOp { Kind: BinaryKind.Add, Spread: Broadcast.None } => Residual(context, data, open),
        UnaryOp { Kind: UnaryKind.Relu } => Relu(context, data, open),
        BinaryOp { Kind: BinaryKind.ReluGrad } => Mask(context, data, open),
        _ => null,
    };

    private static Node? Bias(RewriteContext context, NodeData add, HashSet<int> open)
    {
        var (producer, bias) = (context[add.Inputs[0]], context[add.Inputs[1]]);
        if (!open.Contains(producer.Id)) return null;
        return producer.Data.Op switch
        {
            Conv2dOp { Epilogue.IsEmpty: true } op =>
                Extend(context, producer, op with { Epilogue = new Epilogue(Bias: true) }, bias),
            MatMulOp { Bias: false, Relu: false, Mask: false } op =>
                Extend(context, producer, op with { Bias = true }, bias),
            _ => null,
        };
    }

    private static Node? Residual(RewriteContext context, NodeData add, HashSet<int> open)
    {
        var (left, right) = (context[add.Inputs[0]], context[add.Inputs[1]]);
        // The later of two producers takes the other as its residual: that one is ready by then.
        return left.Id > right.Id
            ? ResidualInto(context, left, right, open) ?? ResidualInto(context, right, left, open)
            : ResidualInto(context, right, left, open) ?? ResidualInto(context, left, right, open);
    }

    private static Node? ResidualInto(RewriteContext context, Node producer, Node residual, HashSet<int> open)
    {
        if (!open.Contains(producer.Id) || producer.Id == residual.Id) return null;
        return producer.Data.Op switch
        {
            Conv2dOp { Epilogue: { Residual: false, Relu: false, Mask: false } e } op =>
                Extend(context, producer, op with { Epilogue = e with { Residual = true } }, residual),
            Conv2dInputGradOp { Epilogue: { Residual: false, Relu: false, Mask: false } e } op =>
                Extend(context, producer, op with { Epilogue = e with { Residual = true } }, residual),
            BatchNormOp { Residual: false, Relu: false } op =>
                Extend(context, producer, op with { Residual = true }, residual),
            ChannelAffineOp { Residual: false, Relu: false } op =>
                Extend(context, producer, op with { Residual = true }, residual),
            _ => null,
        };
    }

    private static Node? Relu(RewriteContext context, NodeData relu, HashSet<int> open)
    {
        var producer = context[relu.Inputs[0]];
        if (!open.Contains(producer.Id)) return null;
        return producer.Data.Op switch
        {
            Conv2dOp { Epilogue: { Relu: false, Mask: false } e } op =>
                Extend(context, producer, op with { Epilogue = e with { Relu = true } }),
            MatMulOp { Relu: false, Mask: false } op => Extend(context, producer, op with { Relu = true }),
            BatchNormOp { Relu: false } op => Extend(context, producer, op with { Relu = true }),
            ChannelAffineOp { Relu: false } op => Extend(context, producer, op with { Relu = true }),
            _ => null,
        };
    }

    private static Node? Mask(RewriteContext context, NodeData reluGrad, HashSet<int> open)
    {
        var (producer, mask) = (context[reluGrad.Inputs[0]], context[reluGrad.Inputs[1]]);
        if (!open.Contains(producer.Id)) return null;
        return producer.Data.Op switch
        {
            Conv2dInputGradOp { Epilogue.Mask: false } op =>
                Extend(context, producer, op with { Epilogue = op.Epilogue with { Mask = true } }, mask),
            MatMulOp { Relu: false, Mask: false } op => Extend(context, producer, op with { Mask = true }, mask),
            ChannelScaleOp { Mask: false } op => Extend(context, producer, op with { Mask = true }, mask),
            GlobalAvgPoolGradOp { Mask: false } op => Extend(context, producer, op with { Mask = true }, mask),
            // The mask is the pooled value itself: a window's maximum is positive exactly where the ReLU passed it.
            MaxPool2dGradOp { ReluMask: false } op when producer.Data.Inputs[1] == mask.Id =>
                Extend(context, producer, op with { ReluMask = true }),
            _ => null,
        };
    }

    private static Node Extend(RewriteContext context, Node producer, Op op, params ReadOnlySpan<Node> extra)
    {
        var inputs = new Node[producer.Data.Inputs.Length + extra.Length];
        for (var i = 0; i < producer.Data.Inputs.Length; i++) inputs[i] = context.Target.At(producer.Data.Inputs[i]);
        extra.CopyTo(inputs.AsSpan(producer.Data.Inputs.Length));
        using (context.Target.KeepLabel(producer.Data.Label)) return context.Target.Apply(op, inputs);
    }
}
