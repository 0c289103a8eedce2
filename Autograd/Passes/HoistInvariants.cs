namespace Codat.Native.Autograd;

/// <summary>Moves work that a repeated plan would do again in every iteration into a plan that runs once before it.</summary>
/// <remarks>
/// Movable is what depends only on tensors that neither the repeated plan nor a plan between the two writes: packed weights,
/// folded batch norm.
/// </remarks>
internal static class HoistInvariants
{
    public static (GraphBuilder From, GraphBuilder Into) Run(GraphBuilder from, GraphBuilder into,
        IEnumerable<GraphBuilder> between, PlanProgram program)
    {
        var written = Written(from);
        foreach (var graph in between) written.AddRange(Written(graph));
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
            var carry = program.Carry($"{data.Label}.{data.Op.Name}", data.Type.Type, data.Type.Shape);
            into.Store(carry, Move(from, into, id, moved));
            return context.Target.Bind(carry);
        });
        return (DeadNodeElimination.Run(reduced), DeadNodeElimination.Run(into));
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
            : into.Apply(data.Op!, Array.ConvertAll(data.Inputs, i => Move(from, into, i, moved).Id), data.Type, data.Label);
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
