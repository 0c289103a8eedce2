using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// What an attack needs that stops a step after it has crossed the boundary and keeps the image before: counts of wrong
/// iterates, and the tables that they are looked up in.
/// </summary>
/// <remarks>Owns its tensors. Nothing of it outlives a step.</remarks>
internal sealed class BoundarySearch : IDisposable
{
    private readonly Tensor _none, _wrong, _budget, _untouched;

    public BoundarySearch(Device device, int images)
    {
        _none = device.Allocate(DType.Int32, new Shape(images), "no-wrong-iterates");
        _wrong = device.Allocate(DType.Int32, new Shape(images), "wrong-iterates");
        _budget = device.Allocate(DType.Float64, new Shape(2, 3), "boundary-budget");
        _untouched = device.Allocate(DType.Float64, new Shape(3), "never-wrong");
        // After the second wrong iterate an image stands still.
        _budget.CopyFrom<double>([1, 1, 1, 1, 1, 0]);
        _untouched.CopyFrom<double>([1, 0, 0]);
    }

    /// <summary>Begins at the start of the attack, which is kept until an iterate is known to be right.</summary>
    public void Start(GraphBuilder graph, Tensor kept, Node start)
    {
        graph.Store(kept, start);
        graph.Store(_wrong, graph.Bind(_none));
    }

    /// <summary>Looks at an iterate before the step from it; the budget of that step.</summary>
    public Node[] Look(GraphBuilder graph, Node kept, Node iterate, Node logits, Node labels)
    {
        var wrong = graph.Bind(_wrong);
        graph.Apply(new BoundaryOp(), kept, wrong, iterate, graph.ArgMax(logits), labels);
        return [graph.Bind(_budget), wrong];
    }

    /// <summary>
    /// The last right image of each: the kept one, or, where no iterate was seen to be wrong, the last of all, that was
    /// not looked at.
    /// </summary>
    public Node LastRight(GraphBuilder graph, Node kept, Node last)
    {
        var untouched = graph.Apply(new GatherByLabelOp(last.Type), graph.Bind(_untouched), graph.Bind(_wrong));
        var crossed = graph.Offset(graph.Scale(untouched, -1), 1);
        // One of the factors is 1 and the other 0: neither image is rounded.
        return graph.Add(graph.MultiplyRows(kept, crossed), graph.MultiplyRows(last, untouched));
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { _none, _wrong, _budget, _untouched }) tensor.Dispose();
    }
}
