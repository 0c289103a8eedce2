using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>One pass of a network through a graph: the mode, and the updates of running statistics it wants.</summary>
public sealed class ForwardContext
{
    private readonly List<(Tensor Running, Node Moments, long Rows)> _updates = [];

    /// <summary>Starts a pass.</summary>
    public ForwardContext(GraphBuilder graph, ForwardMode mode)
    {
        ArgumentNullException.ThrowIfNull(graph);
        (Graph, Mode) = (graph, mode);
    }

    /// <summary>The graph being built.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Which statistics batch norm uses.</summary>
    public ForwardMode Mode { get; }

    internal void Update(Tensor running, Node moments, long rows) => _updates.Add((running, moments, rows));

    /// <summary>Adds the updates of running statistics; they do nothing while <paramref name="status"/> is
    /// non-zero.</summary>
    /// <remarks>Called after the loss is known, so that a step with a NaN leaves the statistics as they were.</remarks>
    public void UpdateRunningStatistics(Tensor status) => UpdateRunningStatistics(status, momentum: 0.1);

    /// <summary>The same with another share of the batch.</summary>
    internal void UpdateRunningStatistics(Tensor status, double momentum)
    {
        foreach (var (running, moments, rows) in _updates)
            Graph.UpdateRunningMoments(running, moments, rows, status, momentum);
        _updates.Clear();
    }
}
