using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>Records the objective over class risks as a training step does: risks, weights, one weighted sum of
/// losses.</summary>
internal sealed class CodatRecorder : IDisposable
{
    private readonly StepRecord _record;
    private readonly Tensor _prior, _radius;
    private readonly int _classes;
    private readonly ClassWeightSpec _spec;

    public CodatRecorder(GraphRunner runner, int classes, ClassWeightSpec spec, double eta)
    {
        (_classes, _spec) = (classes, spec);
        _record = new StepRecord(runner.Device, classes);
        _prior = runner.PutDoubles(new Shape(classes), Enumerable.Repeat(1.0 / classes, classes).ToArray());
        _radius = runner.PutDoubles(new Shape(1), eta);
    }

    /// <summary>The objective's value, as the weight step has computed it in double.</summary>
    public double Value => _record.Numbers.ToArray<double>()[StepRecord.LossAt];

    /// <summary>Status of the weight step; 0 for a step that succeeded.</summary>
    public int Status => _record.Status.ToArray<int>()[0];

    /// <summary>A row of the step's table by class.</summary>
    public double[] Row(int row) => _record.Table.ToArray<double>()[(row * _classes)..((row + 1) * _classes)];

    /// <summary>The loss whose gradient is that of the objective: weights are constants in it.</summary>
    public Node Loss(GraphBuilder graph, Node losses, Node labels)
    {
        var risks = graph.Apply(new ClassRiskOp(_classes), losses, labels);
        var table = graph.Bind(_record.Table);
        graph.Apply(new ClassWeightOp(_spec), risks, graph.Bind(_prior), graph.Bind(_radius), table,
            graph.Bind(_record.Numbers), graph.Bind(_record.Status), graph.Bind(_record.Averages));
        var multipliers = graph.Row(table, StepRecord.MultiplierRow);
        var each = graph.Apply(new GatherByLabelOp(losses.Type), multipliers, labels);
        return graph.SumAll(graph.Multiply(losses, each));
    }

    public void Dispose() => _record.Dispose();

    /// <summary>Cross-entropies of a network on images.</summary>
    public static Node Losses(
        GraphBuilder graph, NetworkRunner runner, Tensor images, Tensor labels, ForwardMode mode) =>
        graph.SoftmaxCrossEntropy(runner.Forward(graph, images, mode), graph.Bind(labels));
}
