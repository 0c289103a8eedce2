using Codat.Native.Autograd;

namespace Codat.Native.Tests;

/// <summary>Runs small graphs: host values in, host values out, in one element type on one device.</summary>
internal sealed class GraphRunner : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    public GraphRunner(DType type, CpuOptions? options = null) => (Type, Device) = (type, Autograd.Device.Cpu(options));

    /// <summary>The element type of everything that is put in.</summary>
    public DType Type { get; }

    public Device Device { get; }

    /// <summary>A tensor with these values; it lives as long as the runner.</summary>
    public Tensor Put(Shape shape, double[] values, string name = "value") => Write(Keep(Type, shape, name), values);

    /// <summary>A tensor of float64, whatever the runner's type: risks, weights.</summary>
    public Tensor PutDoubles(Shape shape, params double[] values) =>
        Write(Keep(DType.Float64, shape, "doubles"), values);

    /// <summary>A tensor of integers: labels, counters.</summary>
    public Tensor PutIntegers(params int[] values)
    {
        var tensor = Keep(DType.Int32, new Shape(values.Length), "integers");
        tensor.CopyFrom<int>(values);
        return tensor;
    }

    /// <summary>A zeroed tensor of the runner's type.</summary>
    public Tensor Zeros(Shape shape, string name = "zeros") => Keep(Type, shape, name);

    /// <summary>Records a graph, runs it once and reads the values that the recording returned.</summary>
    public double[][] Run(Func<GraphBuilder, Node[]> record, PlanOptions? options = null)
    {
        var graph = new GraphBuilder();
        var values = record(graph);
        var outputs = new Tensor[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            outputs[i] = Device.Allocate(values[i].Type, values[i].Shape, $"output{i}");
            graph.Store(outputs[i], values[i]);
        }

        using var program = new PlanProgram(Device, options);
        program.Add("run", graph);
        program.Compile();
        program["run"].Run();
        var results = Array.ConvertAll(outputs, Read);
        foreach (var output in outputs) output.Dispose();
        return results;
    }

    /// <summary>Compiles a graph that works on bound tensors and is run many times.</summary>
    public PlanProgram Compile(Action<GraphBuilder> record)
    {
        var graph = new GraphBuilder();
        record(graph);
        var program = new PlanProgram(Device);
        program.Add("run", graph);
        program.Compile();
        return program;
    }

    /// <summary>A tensor's values, in double.</summary>
    public static double[] Read(Tensor tensor) => tensor.Type switch
    {
        DType.Float64 => tensor.ToArray<double>(),
        DType.Float32 => GoldenValues.Widen(tensor.ToArray<float>()),
        _ => Array.ConvertAll(tensor.ToArray<int>(), value => (double)value),
    };

    /// <summary>Overwrites a floating-point tensor.</summary>
    public static Tensor Write(Tensor tensor, double[] values)
    {
        if (tensor.Type == DType.Float64) tensor.CopyFrom<double>(values);
        else tensor.CopyFrom<float>(Array.ConvertAll(values, value => (float)value));
        return tensor;
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors) tensor.Dispose();
        Device.Dispose();
    }

    private Tensor Keep(DType type, Shape shape, string name)
    {
        var tensor = Device.Allocate(type, shape, name);
        _tensors.Add(tensor);
        return tensor;
    }
}
