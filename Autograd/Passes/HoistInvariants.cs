namespace Codat.Native.Autograd;

/// <summary>
/// Moves work that a repeated plan would do again in every iteration into a plan that runs once before it.
/// </summary>
/// <remarks>
/// Movable is what depends only on tensors that neither the repeated plan nor a plan between the two writes: packed
/// weights, folded batch norm.
/// </remarks>
internal static class HoistInvariants
{
    /// <param name="from">The repeated plan.</param>
    /// <param name="into">The plan that runs before it; values are added to it.</param>
    /// <param name="between">Plans that run between the two.</param>
    /// <param name="inputs">Tensors the host writes between runs of the two.</param>
    /// <param name="program">Where carries are declared.</param>
    /// <param name="carried">Carries already made for values of <paramref name="into"/>: plans that want the same value
    /// share it.</param>
    /// <returns>The repeated plan without the moved work.</returns>
    public static GraphBuilder Run(
        GraphBuilder from, GraphBuilder into, IEnumerable<GraphBuilder> between, Tensor[] inputs,
        PlanProgram program, Dictionary<Node, Tensor> carried)
    {
        var written = Written(from);
        foreach (var graph in between) written.AddRange(Written(graph));
        written.AddRange(inputs);
        var invariant = new bool[from.Count];
        for (var id = 0; id < from.Count; id++)
        {
            var data = from[id];
            invariant[id] = data.Tensor is { } tensor
                ? !written.Any(w => w.Overlaps(tensor))
                : !data.IsEffect && !data.Op!.IsAlias && data.Inputs.Length > 0
                    && data.Inputs.All(i => invariant[i] || from[i].Op is FillOp);
        }

        var moved = new Dictionary<int, Node>();
        var reduced = GraphRewriter.Run(from, (context, id) =>
        {
            var data = from[id];
            if (!invariant[id] || data.Op is null) return null;
            // Only the edge of the invariant part is carried; what lies behind it dies with its last reader.
            if (!IsEdge(from, invariant, id)) return null;
            var value = Move(from, into, id, moved);
            if (!carried.TryGetValue(value, out var carry))
            {
                carry = program.Carry($"{data.Label}.{data.Op.Name}", data.Type.Type, data.Type.Shape);
                into.Store(carry, value);
                carried.Add(value, carry);
            }
            return context.Target.Bind(carry);
        });
        return DeadNodeElimination.Run(reduced);
    }

    private static bool IsEdge(GraphBuilder graph, bool[] invariant, int id)
    {
        for (var reader = id + 1; reader < graph.Count; reader++)
            if (!invariant[reader] && graph[reader].Inputs.Contains(id)) return true;
        return false;
    }

    private static Node Move(GraphBuilder from, GraphBuilder into, int id, Dictionary<int, Node> moved)
    {
        if (moved.TryGetValue(id, out var known)) return known;
        var data = from[id];
        var node = data.Tensor is { } tensor
            ? into.Bind(tensor)
            : into.Apply(
                data.Op!, Array.ConvertAll(data.Inputs, i => Move(from, into, i, moved).Id), data.Type, data.Label);
        moved.Add(id, node);
        return node;
    }

    private static List<Tensor> Written(GraphBuilder graph)
    {
        var written = new List<Tensor>();
        for (var id = 0; id < graph.Count; id++)
        {
            if (graph[id].Op is not { } op) continue;
            foreach (var index in op.Mutates)
                if (graph[graph[id].Inputs[index]].Tensor is { } tensor) written.Add(tensor);
        }
        return written;
    }
}
