namespace Codat.Native.Autograd;

/// <summary>The passes every graph goes through before it becomes a plan, in order.</summary>
internal static class GraphPasses
{
    public static GraphBuilder Run(GraphBuilder graph, Device device, PlanOptions options)
    {
        graph = DeadNodeElimination.Run(graph);
        if (options.FoldBatchNorm) graph = DeadNodeElimination.Run(FoldBatchNorm.Run(graph));
        if (options.FuseEpilogues) graph = DeadNodeElimination.Run(FuseEpilogues.Run(graph));
        return DeadNodeElimination.Run(device.Lower(graph, options));
    }
}
