using Codat.Native.Autograd;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>A method's weight step alone, in double, on class risks or on logits that a test gives.</summary>
internal sealed class WeightBench : IDisposable
{
    private readonly CpuDevice _device = Device.Cpu(new CpuOptions { Threads = 1 });
    private readonly StepRecord _record;
    private readonly Tensor _prior, _radius;
    private readonly ClassMethod _method;
    private readonly int _classes;

    public WeightBench(int classes, ClassWeightKind kind, double radius, string set = "none")
    {
        _classes = classes;
        _record = new StepRecord(_device, classes);
        _prior = Put(DType.Float64, new Shape(classes), Enumerable.Repeat(1.0 / classes, classes).ToArray());
        _radius = Put(DType.Float64, new Shape(1), [radius]);
        _method = ClassMethods.Create(
            new ClassWeightSpec { Kind = kind, Numbers = MethodNumbers.Parse(set, "test") },
            new ClassTensors(_prior, _radius, _record), _device, LossKind.Trades, 6);
    }

    public ClassMethod Method => _method;

    public double[] Weights => _record.Table.ToArray<double>()[_classes..(2 * _classes)];

    public Tensor Tensor(string name) => _method.State.Single(t => t.Name == name);

    public double[] Named(string name) => Tensor(name).ToArray<double>();

    public double Loss => _record.Numbers.ToArray<double>()[StepRecord.LossAt];

    public int Status => _record.Status.ToArray<int>()[0];

    /// <summary>One step on sums, sums of squares and counts (3, K).</summary>
    public void Run(double[] risks)
    {
        using var table = Put(DType.Float64, new Shape(3, _classes), risks);
        using var logits = Put(DType.Float64, new Shape(1, _classes), new double[_classes]);
        using var labels = PutLabels([0]);
        Run(graph => _method.Weigh(graph, graph.Bind(table), graph.Bind(logits), graph.Bind(labels)));
    }

    /// <summary>One step on the cross-entropies of logits (N, K).</summary>
    public void Run(double[] values, int[] labelValues)
    {
        using var logits = Put(DType.Float64, new Shape(labelValues.Length, _classes), values);
        using var labels = PutLabels(labelValues);
        Run(graph =>
        {
            var (z, y) = (graph.Bind(logits), graph.Bind(labels));
            _method.Weigh(graph, graph.Apply(new ClassRiskOp(_classes), graph.SoftmaxCrossEntropy(z, y), y), z, y);
        });
    }

    public void Dispose()
    {
        _method.Dispose();
        _record.Dispose();
        _prior.Dispose();
        _radius.Dispose();
        _device.Dispose();
    }

    private void Run(Action<GraphBuilder> add)
    {
        var graph = new GraphBuilder();
        add(graph);
        using var program = new PlanProgram(_device, null);
        program.Add("step", graph);
        program.Compile();
        program["step"].Run();
    }

    private Tensor Put(DType type, Shape shape, double[] values)
    {
        var tensor = _device.Allocate(type, shape, "test");
        tensor.CopyFrom<double>(values);
        return tensor;
    }

    private Tensor PutLabels(int[] values)
    {
        var tensor = _device.Allocate(DType.Int32, new Shape(values.Length), "labels");
        tensor.CopyFrom<int>(values);
        return tensor;
    }
}
