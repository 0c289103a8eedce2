namespace Codat.Native.Autograd;

/// <summary>Reverse-mode differentiation as a graph transformation with an explicit list of what is wanted.</summary>
/// <remarks>
/// Only values that lie between a wanted input and the scalar get a gradient, so an attack (wanted: the image) never
/// computes weight gradients and training (wanted: the weights) never computes the first layer's input gradient.
/// </remarks>
internal static class Gradients
{
    public static Node[] Build(GraphBuilder graph, Node scalar, ReadOnlySpan<Node> wrt)
    {
        if (scalar.Shape.Count != 1)
            throw new ArgumentException($"gradients start from a single number, found shape {scalar.Shape}");
        if (!scalar.Type.IsFloating())
            throw new ArgumentException($"gradients need a floating-point scalar, found {scalar.Type}");

        var count = scalar.Id + 1;
        var wanted = new bool[count];
        foreach (var node in wrt)
        {
            if (!ReferenceEquals(node.Graph, graph))
                throw new ArgumentException("a wanted value belongs to another graph");
            if (node.Id < count) wanted[node.Id] = true;
        }
        for (var id = 0; id < count; id++)
            foreach (var input in graph[id].Inputs)
                if (wanted[input] && graph[input].Type.Type.IsFloating()) wanted[id] = true;

        var gradients = new Node?[count];
        gradients[scalar.Id] = graph.Apply(new FillOp(scalar.Type, scalar.Shape, 1));
        for (var id = scalar.Id; id >= 0; id--)
        {
            if (!wanted[id] || gradients[id] is not { } gradient) continue;
            var data = graph[id];
            if (data.Op is null || data.IsEffect) continue;
            graph.SetLabel(data.Label);
            data.Op.Backward(new BackwardContext(graph, id, gradient, wanted, gradients));
        }
        graph.SetLabel("");

        var result = new Node[wrt.Length];
        for (var i = 0; i < wrt.Length; i++)
        {
            result[i] = wrt[i].Id < count && gradients[wrt[i].Id] is { } gradient
                ? gradient
                : throw new ArgumentException($"the scalar does not depend on {wrt[i]}");
        }
        return result;
    }
}

/// <summary>What an op's derivative rule works with: the output's gradient in, the inputs' gradients out.</summary>
public sealed class BackwardContext
{
    private readonly int _id;
    private readonly bool[] _wanted;
    private readonly Node?[] _gradients;

    internal BackwardContext(GraphBuilder graph, int id, Node gradient, bool[] wanted, Node?[] gradients)
    {
        (Graph, _id, Gradient, _wanted, _gradients) = (graph, id, gradient, wanted, gradients);
    }

    /// <summary>The graph to add values to.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Gradient of the scalar with respect to the op's output.</summary>
    public Node Gradient { get; }

    /// <summary>The op's output.</summary>
    public Node Output => Graph.At(_id);

    /// <summary>Input <paramref name="index"/> of the op.</summary>
    public Node Input(int index) => Graph.At(Graph[_id].Inputs[index]);

    /// <summary>True where a gradient for input <paramref name="index"/> is wanted; compute no other.</summary>
    public bool Needs(int index) => _wanted[Graph[_id].Inputs[index]];

    /// <summary>Contributes to the gradient of input <paramref name="index"/>; contributions add up.</summary>
    /// <exception cref="ShapeException">The contribution does not have the input's shape.</exception>
    public void Add(int index, Node contribution)
    {
        var input = Graph[_id].Inputs[index];
        if (contribution.Data.Type != Graph[input].Type)
            throw new ShapeException(
                $"gradient {contribution.Data.Type} for input {index} of {Graph[_id].Op!.Name} {Graph[input].Type}");
        _gradients[input] = _gradients[input] is { } sum ? Graph.Add(sum, contribution) : contribution;
    }
}
