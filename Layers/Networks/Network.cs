using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>A network on a device: images in [0,1] to logits, with all weights in one flat arena and all running
/// statistics in another.</summary>
/// <remarks>Owns its tensors. Normalisation is part of the network, so threat models live in pixel space.</remarks>
public sealed class Network : IDisposable
{
    private readonly Module _module;
    private readonly Tensor _normalisation;
    private readonly Tensor? _buffers;
    private readonly bool _normalises;

    private Network(NetworkSpec spec, Module module, Device device, DType type)
    {
        (Spec, Device, Type) = (spec, device, type);
        _module = module;
        Parameters = [.. _module.Parameters()];
        Buffers = [.. _module.Buffers()];
        Weights = FlatArena.Allocate(device, type, "weights", Parameters)!; // every network has weights
        _buffers = FlatArena.Allocate(device, type, "buffers", Buffers);
        _normalisation = device.Allocate(type, new Shape(2, spec.Channels), "normalisation");
        _normalises = spec.Mean.Any(m => m != 0) || spec.Std.Any(s => s != 1);
        WriteNormalisation();
    }

    /// <summary>Structure and normalisation.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>Where the weights are.</summary>
    public Device Device { get; }

    /// <summary>Element type of weights and activations.</summary>
    public DType Type { get; }

    /// <summary>Trainable tensors with their names in weight files.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>Running statistics with their names.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Buffers { get; }

    /// <summary>All weights as one flat tensor, padding between them zero: what optimisers and averages work
    /// on.</summary>
    public Tensor Weights { get; }

    /// <summary>All running statistics as one flat tensor; null for a network without batch norm.</summary>
    public Tensor? RunningStatistics => _buffers;

    /// <summary>Number of trainable numbers.</summary>
    public long ParameterCount => Parameters.Sum(p => p.Parameter.Shape.Count);

    /// <summary>Creates a network with weights drawn by seed.</summary>
    public static Network Create(NetworkSpec spec, Device device, ulong seed, DType type = DType.Float32)
    {
        var network = Allocate(spec, device, type);
        Initialiser.Run(network, seed);
        return network;
    }

    /// <summary>Creates a network of a module tree of the caller's, which the specification need not name.</summary>
    internal static Network Create(NetworkSpec spec, Module module, Device device, ulong seed, DType type)
    {
        var network = new Network(spec, module, device, type);
        Initialiser.Run(network, seed);
        return network;
    }

    /// <summary>A network whose weights and running statistics are all zero, for callers that fill them
    /// themselves.</summary>
    internal static Network Allocate(NetworkSpec spec, Device device, DType type)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(device);
        return new Network(spec, spec.CreateModule(), device, type);
    }

    /// <summary>Records the network on images x (N,H,W,C) in [0,1]: logits (N,K).</summary>
    public Node Forward(ForwardContext context, Node x)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (x.Shape.Rank != 4 || x.Shape[1] != Spec.Height || x.Shape[2] != Spec.Width || x.Shape[3] != Spec.Channels)
            throw new ShapeException(
                $"{Spec.Model} takes (N,{Spec.Height},{Spec.Width},{Spec.Channels}), found {x.Shape}");
        if (_normalises)
        {
            using (context.Graph.Label("normalise"))
                x = context.Graph.ChannelAffine(x, context.Graph.Bind(_normalisation));
        }
        return _module.Forward(context, x);
    }

    /// <summary>The trainable tensors as values of a graph, for <see cref="GraphBuilder.Gradients"/>.</summary>
    public Node[] BindParameters(GraphBuilder graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return [.. Parameters.Select(p => graph.Bind(p.Parameter.Value))];
    }

    /// <summary>Releases the tensors.</summary>
    public void Dispose()
    {
        Weights.Dispose();
        _buffers?.Dispose();
        _normalisation.Dispose();
    }

    private void WriteNormalisation()
    {
        var affine = new double[2 * Spec.Channels];
        for (var c = 0; c < Spec.Channels; c++)
        {
            affine[c] = 1.0 / Spec.Std[c];
            affine[Spec.Channels + c] = -(double)Spec.Mean[c] / Spec.Std[c];
        }
        if (Type == DType.Float64) _normalisation.CopyFrom<double>(affine);
        else _normalisation.CopyFrom<float>(Array.ConvertAll(affine, a => (float)a));
    }
}
