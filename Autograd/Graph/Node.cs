namespace Codat.Native.Autograd;

/// <summary>A symbolic value inside one <see cref="GraphBuilder"/>.</summary>
public readonly record struct Node
{
    internal Node(GraphBuilder graph, int id) => (Graph, Id) = (graph, id);

    /// <summary>The graph this value belongs to.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Sizes of the value.</summary>
    public Shape Shape => Graph[Id].Type.Shape;

    /// <summary>Element type of the value.</summary>
    public DType Type => Graph[Id].Type.Type;

    internal int Id { get; }

    internal NodeData Data => Graph[Id];

    /// <summary>Type, shape and number, for messages.</summary>
    public override string ToString() =>
        Graph is null ? "none" : $"%{Id} {Data.Op?.Name ?? Data.Tensor?.Name} {Data.Type}";
}

/// <summary>What a graph knows about one value: an op applied to earlier values, or a bound tensor.</summary>
internal sealed record NodeData(Op? Op, int[] Inputs, TensorType Type, Tensor? Tensor, string Label)
{
    /// <summary>True for an op that overwrites bound tensors: it is kept and runs in its place in the order.</summary>
    public bool IsEffect => Op is not null && Op.Mutates.Length > 0;
}
