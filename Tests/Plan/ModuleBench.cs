using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Tests;

/// <summary>A module with random weights on a device, its loss and gradients as values of a graph.</summary>
internal sealed class ModuleBench : IDisposable
{
    private readonly Tensor? _weights, _buffers;
    private readonly Module _module;
    private readonly Shape _input;

    public ModuleBench(GraphBench bench, string name)
    {
        Bench = bench;
        (_module, _input) = name switch
        {
            "small-cnn" => ((Module)new SmallCnn(1, 10), new Shape(3, 12, 12, 1)),
            "basic" => (new BasicBlock(8, 8, 1), new Shape(3, 6, 6, 8)),
            "basic-stride" => (new BasicBlock(8, 16, 2), new Shape(3, 6, 6, 8)),
            "preact" => (new PreActBlock(8, 8, 1, "shortcut", true), new Shape(3, 6, 6, 8)),
            "preact-stride" => (new PreActBlock(8, 16, 2, "shortcut", true), new Shape(3, 6, 6, 8)),
            "wrn-10-1" => (new WideResNet(3, 10, 10, 1), new Shape(3, 8, 8, 3)),
            _ => throw new ArgumentException(name),
        };
        _weights = FlatArena.Allocate(bench.Device, bench.Type, "weights", [.. _module.Parameters()]);
        _buffers = FlatArena.Allocate(bench.Device, bench.Type, "buffers", [.. _module.Buffers()]);
        var seed = 100;
        foreach (var (_, p) in _module.Parameters())
            GraphBench.Write(p.Value, TestValues.Normal(p.Shape.Count, seed++, p.Shape.Rank == 1 ? 1 : Math.Sqrt(2.0 / p.FanIn)));
        foreach (var (_, p) in _module.Buffers()) GraphBench.Write(p.Value, TestValues.Uniform(p.Shape.Count, seed++, 0.5, 1.5));
        Image = bench.Tensor(_input, TestValues.Uniform(_input.Count, 1, 0, 1));
    }

    public GraphBench Bench { get; }

    public Tensor Image { get; }

    public Tensor Weights => _weights!; // every module here has some

    public Node Loss(GraphBuilder graph, ForwardMode mode)
    {
        var y = _module.Forward(new ForwardContext(graph, mode), graph.Bind(Image));
        if (y.Shape.Rank == 4) y = graph.GlobalAvgPool(y);
        var labels = Bench.Ints(1, 0, 3);
        return graph.Mean(graph.SoftmaxCrossEntropy(y, graph.Bind(labels.Data.Tensor!), 0.1)); // Ints binds a tensor
    }

    public Node[] Parameters(GraphBuilder graph) => [.. _module.Parameters().Select(p => graph.Bind(p.Parameter.Value))];

    public void Dispose()
    {
        _weights?.Dispose();
        _buffers?.Dispose();
    }
}
