using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>
/// A benchmark of one op, or a few that belong together, through a compiled plan on one thread. Weights are prepared
/// once, as in training; tensors made by <see cref="Input"/> count as new in every run, so work on them is measured.
/// </summary>
/// <remarks>Classes and their members are public and unsealed because BenchmarkDotNet derives from them.</remarks>
[MemoryDiagnoser]
public abstract class OpBenchmark : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private readonly List<Tensor> _inputs = [];
    private readonly CpuDevice _device = Device.Cpu(new CpuOptions { Threads = 1 });
    private readonly Random _random = new(1);
    private PlanProgram? _program;
    private Plan? _plan;
    private GraphBuilder _graph = new();

    private protected GraphBuilder Graph => _graph;

    /// <summary>Releases the plan and the tensors.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the plan and the tensors.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _program?.Dispose();
        foreach (var tensor in _tensors) tensor.Dispose();
        _device.Dispose();
    }

    /// <summary>Uniform values in [-1,1], new to the plan in every run.</summary>
    private protected Node Input(params ReadOnlySpan<int> shape)
    {
        var tensor = Weight(shape);
        _inputs.Add(tensor);
        return _graph.Bind(tensor);
    }

    /// <summary>Uniform values in [-1,1] that stay.</summary>
    private protected Tensor Weight(params ReadOnlySpan<int> shape)
    {
        var tensor = Allocate(DType.Float32, shape);
        var values = new float[tensor.Shape.Count];
        for (var i = 0; i < values.Length; i++) values[i] = 2 * _random.NextSingle() - 1;
        tensor.CopyFrom<float>(values);
        return tensor;
    }

    /// <summary>Labels 0 to classes - 1 in turn.</summary>
    private protected Node Labels(int count, int classes) =>
        Values<int>(DType.Int32, [.. Enumerable.Range(0, count).Select(i => i % classes)], count);

    /// <summary>Stated values, new to the plan in every run.</summary>
    private protected Node Values<T>(DType type, T[] values, params ReadOnlySpan<int> shape) where T : unmanaged
    {
        var tensor = Allocate(type, shape);
        tensor.CopyFrom<T>(values);
        _inputs.Add(tensor);
        return _graph.Bind(tensor);
    }

    /// <summary>A tensor of zeros.</summary>
    private protected Tensor Allocate(DType type, params ReadOnlySpan<int> shape)
    {
        var tensor = _device.Allocate(type, new Shape(shape), $"t{_tensors.Count}");
        _tensors.Add(tensor);
        tensor.Clear();
        return tensor;
    }

    /// <summary>Compiles the graph so that it computes these values, and its effects, in every run.</summary>
    private protected void Compile(params ReadOnlySpan<Node> outputs)
    {
        foreach (var node in outputs)
        {
            var tensor = _device.Allocate(node.Type, node.Shape, $"out{_tensors.Count}");
            _tensors.Add(tensor);
            _graph.Store(tensor, node);
        }
        _program = new PlanProgram(_device);
        _program.Add("prepare", new GraphBuilder());
        _program.Add("measured", _graph, "prepare", [.. _inputs]);
        _program.Compile();
        _program["prepare"].Run();
        _plan = _program["measured"];
        if (_plan.Steps.Count == 0) throw new InvalidOperationException("nothing is left to measure");
    }

    private protected void Run() => _plan!.Run();
}
