using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>
/// Stores activations and their gradients in bf16: gives the values of a single-precision graph other element types and
/// converts where a reader wants another one than the writer gave.
/// </summary>
/// <remarks>
/// Convolutions and hidden linear layers whose channels fill tensor cores take bf16; what comes after them follows, op
/// by op, for as long as <see cref="RolesOf"/> knows how; everything else stays as it was written. So images, losses,
/// parameters, statistics, parameter gradients and the optimiser are in single precision, and what is converted of the
/// weights depends on weights alone and is hoisted. Runs last: gradients are taken and epilogues fused.
/// </remarks>
internal static class MixedPrecision
{
    private const DType Narrow = DType.BFloat16, Full = DType.Float32;

    /// <summary>What tensor cores want numbers of channels to be a multiple of: 16 bytes.</summary>
    private const int Multiple = 8;

    public static GraphBuilder Run(GraphBuilder source) =>
        FuseConversions.Run(DeadNodeElimination.Run(GraphRewriter.Run(source, Retype)));

    /// <summary>
    /// Which operands of an op and whether its result are activations, that is bf16 where the op takes part; null for
    /// one that takes no part.
    /// </summary>
    /// <remarks>
    /// One letter for each operand, then the result: <c>a</c> an activation or its gradient; <c>p</c> a parameter,
    /// statistic, table or sum, which stays in single precision. Letters of operands the op has not are left over.
    /// </remarks>
    internal static (string Operands, char Result)? RolesOf(Op op) => op switch
    {
        UnaryOp or ReshapeOp or MaxPool2dOp or AvgPool2dOp or AvgPool2dGradOp => ("a", 'a'),
        BinaryOp or MaxPool2dGradOp => ("aa", 'a'),
        BatchMomentsOp or ReduceOp or GlobalAvgPoolOp => ("a", 'p'),
        GlobalAvgPoolGradOp => ("pa", 'a'),
        SpreadOp => ("p", 'a'),
        BatchNormOp => ("apppa", 'a'),
        BatchNormSumsOp => ("aap", 'p'),
        BatchNormInputGradOp => ("aappp", 'a'),
        ChannelAffineOp or ChannelScaleOp => ("apa", 'a'),
        Conv2dOp conv => ("aa" + Extras(conv.Epilogue), 'a'),
        Conv2dInputGradOp conv => ("aa" + Extras(conv.Epilogue), 'a'),
        Conv2dWeightGradOp => ("aa", 'p'),
        MatMulOp => ("aapp", 'p'),
        _ => null,
    };

    private static string Extras(Epilogue epilogue) => epilogue.Bias ? "paa" : "aa";

    private static Node? Retype(RewriteContext context, int id)
    {
        var data = context.Source[id];
        if (data.Op is not { } op || op is ConvertOp) return null;
        if (data.Type.Type == Full)
        {
            var types = Array.ConvertAll(data.Inputs, i => context.Source[i].Type);
            switch (op)
            {
                case Conv2dOp conv when StemConv.Fits(conv.ShapeFor(types)) && Fill(data.Type):
                    return Apply(context, data, ("pp" + Extras(conv.Epilogue), 'a'));
                case Conv2dInputGradOp { Epilogue.IsEmpty: true } conv when StemConv.Fits(conv.ShapeFor(types)):
                    return Apply(context, data, (IsNarrow(context, data, 0) ? "ap" : "pp", 'p'));
                case Conv2dWeightGradOp conv when IsStem(conv, types) && Fill(types[1]):
                    return PaddedWeightGradient(context, data, conv);
                case Conv2dOp or Conv2dInputGradOp or Conv2dWeightGradOp or MatMulOp { FullPrecision: false }:
                    if (Fill(data.Type) && Fill(types[0]) && Fill(types[1])) return Apply(context, data, RolesOf(op));
                    break;
                case not MatMulOp when RolesOf(op) is { } roles && Follows(context, data, roles.Operands):
                    return Apply(context, data, roles);
            }
        }
        return Apply(context, data, null);
    }

    private static bool IsStem(Conv2dWeightGradOp op, TensorType[] types) =>
        StemConv.Fits(op.ShapeFor(types[0].Shape, types[1].Shape));

    private static bool Fill(TensorType type) => type.Shape.Channels % Multiple == 0;

    private static bool Follows(RewriteContext context, NodeData data, string roles)
    {
        for (var i = 0; i < data.Inputs.Length; i++)
            if (roles[i] == 'a' && IsNarrow(context, data, i)) return true;
        return false;
    }

    private static bool IsNarrow(RewriteContext context, NodeData data, int input) =>
        context[data.Inputs[input]].Type == Narrow;

    /// <summary>The op on operands of these roles; without roles, in single precision as it was written.</summary>
    private static Node Apply(RewriteContext context, NodeData data, (string Operands, char Result)? roles)
    {
        var inputs = new int[data.Inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var written = context.Source[data.Inputs[i]].Type.Type;
            var type = roles is { } r && r.Operands[i] == 'a' ? Narrow : written == Narrow ? Full : written;
            inputs[i] = As(context.Target, context[data.Inputs[i]], type).Id;
        }
        var result = roles is { Result: 'a' } ? Narrow : data.Type.Type;
        return context.Target.Apply(data.Op!, inputs, data.Type with { Type = result }, data.Label);
    }

    /// <summary>
    /// The weight gradient of a first layer: images get channels of zeros, and the gradient loses them again.
    /// </summary>
    private static Node PaddedWeightGradient(RewriteContext context, NodeData data, Conv2dWeightGradOp op)
    {
        var (graph, dy) = (context.Target, context[data.Inputs[1]]);
        var image = As(graph, context[data.Inputs[0]], Full);
        var channels = image.Shape.Channels;
        var padded = graph.Apply(new ConvertOp(Narrow, (channels + Multiple - 1) / Multiple * Multiple), image);
        var shape = data.Type.Shape;
        var wide = new TensorType(Full, new Shape(shape[0], shape[1], shape[2], padded.Shape.Channels));
        var gradient = graph.Apply(op, [padded.Id, As(graph, dy, Narrow).Id], wide, data.Label);
        return graph.Apply(new ConvertOp(Full, channels), gradient);
    }

    private static Node As(GraphBuilder graph, Node value, DType type)
    {
        if (value.Type == type) return value;
        // Behind a reshape, so that what writes the value can be asked to write the other type.
        if (value.Data.Op is ReshapeOp reshape)
            return graph.Reshape(As(graph, graph.At(value.Data.Inputs[0]), type), reshape.To);
        return graph.Apply(new ConvertOp(type, value.Shape.Channels), value);
    }
}
