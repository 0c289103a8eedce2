namespace Codat.Native.Autograd;

/// <summary>Keeps effects and what they depend on.</summary>
internal static class DeadNodeElimination
{
    public static GraphBuilder Run(GraphBuilder source)
    {
        var alive = new bool[source.Count];
        for (var id = source.Count - 1; id >= 0; id--)
        {
            if (source[id].IsEffect) alive[id] = true;
            if (!alive[id]) continue;
            foreach (var input in source[id].Inputs) alive[input] = true;
        }

        var target = new GraphBuilder();
        var map = new Node[source.Count];
        for (var id = 0; id < source.Count; id++)
        {
            if (!alive[id]) continue;
            var data = source[id];
            map[id] = data.Tensor is { } tensor
                ? target.Bind(tensor)
                : target.Apply(data.Op!, Array.ConvertAll(data.Inputs, i => map[i].Id), data.Type, data.Label);
        }
        return target;
    }
}
