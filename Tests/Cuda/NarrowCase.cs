using Codat.Native.Autograd;

namespace Codat.Native.Tests;

/// <summary>Runs single ops in an arithmetic as if they stood in a network: their activations are bf16 already.</summary>
internal static class NarrowCase
{
    /// <summary>
    /// Runs a case and reads its tensors. Rounded inputs are numbers of bf16, so that both devices see the same ties and
    /// the same signs.
    /// </summary>
    public static double[][] Run(CudaCase item, Device device, PlanPrecision precision, bool isRounded)
    {
        using var bench = new GraphBench(device, DType.Float32);
        var tensors = item.Build(bench);
        if (isRounded) RoundInputs(bench.Graph);
        using var program = new PlanProgram(device, new PlanOptions { Precision = precision });
        program.Add("main", precision == PlanPrecision.BFloat16 ? WithNarrowOperands(bench.Graph) : bench.Graph);
        program.Compile();
        program["main"].Run();
        return Array.ConvertAll(tensors, GraphBench.Read);
    }

    private static void RoundInputs(GraphBuilder graph)
    {
        for (var id = 0; id < graph.Count; id++)
            if (graph[id].Tensor is { Type: DType.Float32 } tensor)
                tensor.CopyFrom<float>(Array.ConvertAll(tensor.ToArray<float>(), v => ConvertOp.Widen(ConvertOp.Narrow(v))));
    }

    /// <summary>Puts a conversion before every operand that is an activation.</summary>
    private static GraphBuilder WithNarrowOperands(GraphBuilder source) => GraphRewriter.Run(source, (context, id) =>
    {
        var data = source[id];
        if (data.Op is not { } op || data.Type.Type != DType.Float32 || MixedPrecision.RolesOf(op) is not { } roles) return null;
        var inputs = new int[data.Inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var input = context[data.Inputs[i]];
            var isNarrow = roles.Operands[i] == 'a' && input.Data.Tensor is not null;
            inputs[i] = (isNarrow ? context.Target.Apply(new ConvertOp(DType.BFloat16, input.Shape.Channels), input) : input).Id;
        }
        return context.Target.Apply(op, inputs, data.Type, data.Label);
    });
}
