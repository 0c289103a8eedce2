using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>
/// Makes the preparation of convolution weights a value of its own, so that it can be hoisted out of the attack loop.
/// </summary>
internal static class PackWeights
{
    public static GraphBuilder Run(GraphBuilder source, CpuDevice device) => GraphRewriter.Run(source, (context, id) =>
    {
        var data = source[id];
        return data.Op switch
        {
            Conv2dOp { Packed: null } op => Pack(context, data, device, ConvDirection.Forward,
                ConvRules.Shape(op.Name, Image(source, data)[1], Image(source, data)[2], Weights(source, data), op),
                shape => op with { Packed = shape }),
            Conv2dInputGradOp { Packed: null } op => Pack(context, data, device, ConvDirection.InputGradient,
                ConvRules.Shape(op.Name, op.Height, op.Width, Weights(source, data),
                    new Conv2dOp(op.StrideH, op.StrideW, op.PadH, op.PadW)),
                shape => op with { Packed = shape }),
            _ => null,
        };
    });

    private static Shape Image(GraphBuilder graph, NodeData conv) => graph[conv.Inputs[0]].Type.Shape;

    private static Shape Weights(GraphBuilder graph, NodeData conv) => graph[conv.Inputs[1]].Type.Shape;

    private static Node Pack(
        RewriteContext context, NodeData data, CpuDevice device, ConvDirection direction, ConvShape shape,
        Func<ConvShape, Op> packedOp)
    {
        var inputs = Array.ConvertAll(data.Inputs, i => context[i]);
        inputs[1] = context.Target.Apply(new PackConvWeightsOp(shape, direction, device.Isa), inputs[1]);
        return context.Target.Apply(packedOp(shape), inputs);
    }
}
