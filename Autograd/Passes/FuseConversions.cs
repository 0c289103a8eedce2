namespace Codat.Native.Autograd;

/// <summary>Lets an op write bf16 itself where all that reads its single-precision result is a conversion.</summary>
/// <remarks>Nothing is fused across an effect: the op is computed at the conversion's place.</remarks>
internal static class FuseConversions
{
    public static GraphBuilder Run(GraphBuilder source) => GraphRewriter.Run(source, (context, id) =>
    {
        if (source[id] is not { Op: ConvertOp, Type: { Type: DType.BFloat16 } type } conversion) return null;
        var producer = conversion.Inputs[0];
        var data = source[producer];
        if (data.Type.Shape != type.Shape || context.Uses(producer) != 1 || !context.CanMove(producer, id)) return null;
        return WritesNarrow(source, data)
            ? context.Target.Apply(data.Op!, Array.ConvertAll(data.Inputs, i => context[i].Id), type, data.Label)
            : null;
    });

    private static bool WritesNarrow(GraphBuilder graph, NodeData data) => data.Op switch
    {
        ScaleFiltersOp or SpreadOp or GlobalAvgPoolGradOp => data.Type.Type == DType.Float32,
        // Libraries add a bias in the result's type only.
        MatMulOp { Bias: false, Mask: false } => graph[data.Inputs[0]].Type.Type == DType.BFloat16,
        _ => false,
    };
}
