namespace Codat.Native.Autograd;

/// <summary>Copies a graph value by value, letting a pass replace some of them.</summary>
internal static class GraphRewriter
{
    /// <summary>
    /// What a pass answers for one value: its replacement in the new graph, or null to copy it as it is.
    /// </summary>
    public delegate Node? Rule(RewriteContext context, int id);

    public static GraphBuilder Run(GraphBuilder source, Rule rule)
    {
        var context = new RewriteContext(source);
        for (var id = 0; id < source.Count; id++)
        {
            context.Target.SetLabel(source[id].Label);
            context.Set(id, rule(context, id) ?? context.Copy(id));
        }
        context.Target.SetLabel("");
        return context.Target;
    }
}

/// <summary>The old graph, the new one, and which value became which.</summary>
internal sealed class RewriteContext
{
    private readonly Node[] _map;
    private readonly int[] _uses;
    private readonly int[] _effectsBefore;

    public RewriteContext(GraphBuilder source)
    {
        Source = source;
        _map = new Node[source.Count];
        _uses = new int[source.Count];
        _effectsBefore = new int[source.Count];
        var effects = 0;
        for (var id = 0; id < source.Count; id++)
        {
            foreach (var input in source[id].Inputs) _uses[input]++;
            _effectsBefore[id] = effects;
            if (source[id].IsEffect) effects++;
        }
    }

    public GraphBuilder Source { get; }

    public GraphBuilder Target { get; } = new();

    /// <summary>How many inputs of the old graph read the value.</summary>
    public int Uses(int id) => _uses[id];

    /// <summary>
    /// True where the earlier value may be computed at the later one's place: no effect lies between them.
    /// </summary>
    public bool CanMove(int earlier, int later) => _effectsBefore[earlier] == _effectsBefore[later];

    /// <summary>The new value for an old one.</summary>
    public Node this[int id] => _map[id];

    public void Set(int id, Node node) => _map[id] = node;

    public Node Copy(int id)
    {
        var data = Source[id];
        if (data.Tensor is { } tensor) return Target.Bind(tensor);
        var inputs = new int[data.Inputs.Length];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = _map[data.Inputs[i]].Id;
        return Target.Apply(data.Op!, inputs, data.Type, data.Label);
    }
}
