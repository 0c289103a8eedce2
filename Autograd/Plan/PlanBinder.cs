namespace Codat.Native.Autograd;

/// <summary>Picks a kernel for every value of a graph.</summary>
internal static class PlanBinder
{
    public static PlanStep[] Bind(
        Device device, GraphBuilder graph, StorageAssignment storage, string plan, PlanPrecision precision)
    {
        var steps = new List<PlanStep>();
        for (var id = 0; id < graph.Count; id++)
        {
            var data = graph[id];
            if (data.Op is null || data.Op.IsAlias || storage.ElidedStores.Contains(id)) continue;
            var inputs = new TensorType[data.Inputs.Length];
            for (var i = 0; i < inputs.Length; i++) inputs[i] = graph[data.Inputs[i]].Type;
            var signature = new OpSignature(inputs, data.Type)
            {
                AllowsTensorFloat32 = precision == PlanPrecision.TensorFloat32,
            };
            if (!device.TryBind(data.Op, signature, out var kernel, out var reason) || kernel is null)
            {
                throw new NotSupportedException(
                    $"plan '{plan}', {data.Label}: no kernel on {device.Kind} for {data.Op.Name} " +
                    $"({string.Join(", ", inputs)}) -> {data.Type}: {reason}");
            }
            steps.Add(new PlanStep(data.Op, data.Label, kernel, signature, data.Inputs, id));
        }
        return [.. steps];
    }
}
