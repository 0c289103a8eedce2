using Codat.Native.Autograd;

namespace Codat.Native.Tests;

/// <summary>A graph with its input tensors on one device: tests describe values, run them and read the results as double.</summary>
internal sealed class GraphBench : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private readonly Device? _ownDevice;

    public GraphBench(DType type = DType.Float64)
        : this(Autograd.Device.Cpu(new CpuOptions { Threads = 1 }), type) => _ownDevice = Device;

    public GraphBench(Device device, DType type) => (Device, Type) = (device, type);

    public Device Device { get; }

    public DType Type { get; }

    public GraphBuilder Graph { get; } = new();

    /// <summary>A floating-point input with these values.</summary>
    public Node Input(Shape shape, double[] values) => Graph.Bind(Tensor(shape, values));

    /// <summary>An input of normal numbers.</summary>
    public Node Input(Shape shape, int seed, double scale = 1) => Input(shape, TestValues.Normal(shape.Count, seed, scale));

    /// <summary>An int32 vector.</summary>
    public Node Ints(params int[] values)
    {
        var tensor = Keep(Device.Allocate(DType.Int32, new Shape(values.Length), $"ints{_tensors.Count}"));
        tensor.CopyFrom<int>(values);
        return Graph.Bind(tensor);
    }

    /// <summary>An input in double, whatever the type of the others.</summary>
    public Node Doubles(Shape shape, double[] values) => Graph.Bind(DoubleTensor(shape, values));

    public Tensor DoubleTensor(Shape shape, double[] values)
    {
        var tensor = Keep(Device.Allocate(DType.Float64, shape, $"doubles{_tensors.Count}"));
        tensor.CopyFrom<double>(values);
        return tensor;
    }

    /// <summary>An input of bytes.</summary>
    public Node Bytes(Shape shape, byte[] values)
    {
        var tensor = Keep(Device.Allocate(DType.UInt8, shape, $"bytes{_tensors.Count}"));
        tensor.CopyFrom<byte>(values);
        return Graph.Bind(tensor);
    }

    public Tensor Tensor(Shape shape, double[] values)
    {
        var tensor = Keep(Device.Allocate(Type, shape, $"t{_tensors.Count}"));
        Write(tensor, values);
        return tensor;
    }

    public Tensor Status(int value = 0, int count = 1)
    {
        var status = Keep(Device.Allocate(DType.Int32, new Shape(count), "status"));
        var values = new int[count];
        values[0] = value;
        status.CopyFrom<int>(values);
        return status;
    }

    /// <summary>Computes values of the graph and every effect in it.</summary>
    public double[][] Run(PlanOptions? options, params Node[] outputs)
    {
        var targets = Array.ConvertAll(outputs, Output);
        using var program = Compile(options);
        program["main"].Run();
        return Array.ConvertAll(targets, Read);
    }

    public double[] Run(Node output, PlanOptions? options = null) => Run(options, [output])[0];

    /// <summary>A tensor that receives a value when the plan runs.</summary>
    public Tensor Output(Node node)
    {
        var tensor = Keep(Device.Allocate(node.Type, node.Shape, $"out{_tensors.Count}"));
        Graph.Store(tensor, node);
        return tensor;
    }

    /// <summary>The graph as the plan 'main'.</summary>
    public PlanProgram Compile(PlanOptions? options = null)
    {
        var program = new PlanProgram(Device, options);
        program.Add("main", Graph);
        program.Compile();
        return program;
    }

    public static double[] Read(Tensor tensor) => tensor.Type switch
    {
        DType.Float32 => Array.ConvertAll(tensor.ToArray<float>(), v => (double)v),
        DType.Float64 => tensor.ToArray<double>(),
        _ => Array.ConvertAll(tensor.ToArray<int>(), v => (double)v),
    };

    public static void Write(Tensor tensor, double[] values)
    {
        if (tensor.Type == DType.Float64) tensor.CopyFrom<double>(values);
        else tensor.CopyFrom<float>(Array.ConvertAll(values, v => (float)v));
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors) tensor.Dispose();
        _ownDevice?.Dispose();
    }

    private Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }
}
