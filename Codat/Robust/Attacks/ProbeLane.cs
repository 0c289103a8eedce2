using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>One set of plans of an <see cref="AttackProbe"/> with its tensors and their images on the host.</summary>
/// <remarks>
/// Only the rows asked for are copied. On a GPU that is a copy there and back for each look: the steps are the host's.
/// </remarks>
internal sealed class ProbeLane : IDisposable
{
    private readonly Network _network;
    private readonly SearchLoss? _loss;
    private readonly List<Size> _sizes = [];
    private readonly List<Tensor> _tensors = [];
    private readonly float[] _images, _logits, _losses, _gradients;
    private readonly int[] _labels, _targets;
    private readonly double[] _wide;
    private readonly int _pixels;
    private string _suffix = "";

    public ProbeLane(Network network, SearchLoss? loss, int rows)
    {
        (_network, _loss, Rows) = (network, loss, rows);
        var s = network.Spec;
        _pixels = s.Height * s.Width * s.Channels;
        (_images, _gradients) = (new float[rows * _pixels], new float[loss is null ? 0 : rows * _pixels]);
        (_logits, _losses) = (new float[rows * s.Classes], new float[rows]);
        (_labels, _targets) = (new int[rows], new int[rows]);
        _wide = network.Type == DType.Float32 ? [] : new double[rows * Math.Max(_pixels, s.Classes)];
        var whole = new Size(network, loss, rows, null);
        for (var size = rows; size >= 1; size = size == 1 ? 0 : (size + 1) / 2)
            _sizes.Add(size == rows ? whole : new Size(network, loss, size, whole));
        _tensors.AddRange(whole.Tensors);
    }

    /// <summary>Most images of one look.</summary>
    public int Rows { get; }

    /// <summary>Sets what is looked at in a row.</summary>
    public void Put(int row, ImageWalk walk) => Put(row, walk.Point, walk.Label, walk.Target);

    /// <summary>Sets what is looked at in a row.</summary>
    public void Put(int row, ReadOnlySpan<float> image, int label, int target)
    {
        image.CopyTo(_images.AsSpan(row * _pixels));
        (_labels[row], _targets[row]) = (label, target);
    }

    /// <summary>Looks at the first <paramref name="rows"/> rows.</summary>
    public void Look(int rows)
    {
        var size = _sizes[0];
        foreach (var smaller in _sizes)
            if (smaller.Rows >= rows) size = smaller;
        // Rows of an earlier look pad the batch: they are images too.
        Write(size.Images, _images);
        if (_loss is not null)
        {
            size.Labels.CopyFrom<int>(_labels.AsSpan(0, size.Rows));
            size.Targets.CopyFrom<int>(_targets.AsSpan(0, size.Rows));
        }
        size.Plan.Run();
        Read(size.Logits, _logits);
        if (_loss is null) return;
        Read(size.Loss, _losses);
        Read(size.Gradient, _gradients);
    }

    /// <summary>Logits seen in a row.</summary>
    public ReadOnlySpan<float> Logits(int row)
    {
        var classes = _network.Spec.Classes;
        return _logits.AsSpan(row * classes, classes);
    }

    /// <summary>The gradient seen in a row; empty where none is wanted.</summary>
    public ReadOnlySpan<float> Gradient(int row) => _loss is null ? [] : _gradients.AsSpan(row * _pixels, _pixels);

    /// <summary>Tells a walk what was seen in a row; true where it has ended.</summary>
    public bool Tell(int row, ImageWalk walk) => walk.Look(Logits(row), _losses[row], Gradient(row));

    internal void Add(PlanProgram program, string prepare, int lane)
    {
        _suffix = $".{lane}";
        foreach (var size in _sizes)
        {
            var name = $"look{size.Rows}{_suffix}";
            program.Add(name, size.Graph(_network, _loss), prepare, size.Images, size.Labels, size.Targets);
            program.SetLane(name, lane);
        }
    }

    internal void Bind(PlanProgram program)
    {
        foreach (var size in _sizes) size.Plan = program[$"look{size.Rows}{_suffix}"];
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors) tensor.Dispose();
    }

    private void Write(Tensor to, float[] from)
    {
        var count = (int)to.Shape.Count;
        if (to.Type == DType.Float32)
        {
            to.CopyFrom<float>(from.AsSpan(0, count));
            return;
        }
        for (var i = 0; i < count; i++) _wide[i] = from[i];
        to.CopyFrom<double>(_wide.AsSpan(0, count));
    }

    private void Read(Tensor from, float[] to)
    {
        var count = (int)from.Shape.Count;
        if (from.Type == DType.Float32)
        {
            from.CopyTo<float>(to.AsSpan(0, count));
            return;
        }
        from.CopyTo<double>(_wide.AsSpan(0, count));
        for (var i = 0; i < count; i++) to[i] = (float)_wide[i];
    }

    /// <summary>The tensors and the plan of one number of rows; smaller ones are views of the largest.</summary>
    private sealed class Size
    {
        public Size(Network network, SearchLoss? loss, int rows, Size? whole)
        {
            var (s, device) = (network.Spec, network.Device);
            Tensor Get(Tensor? of, DType type, Shape shape, string name) =>
                of is null ? device.Allocate(type, shape, name) : of.View(0, shape, name);
            var image = new Shape(rows, s.Height, s.Width, s.Channels);
            Rows = rows;
            Images = Get(whole?.Images, network.Type, image, "look-images");
            Labels = Get(whole?.Labels, DType.Int32, new Shape(rows), "look-labels");
            Targets = Get(whole?.Targets, DType.Int32, new Shape(rows), "look-targets");
            Logits = Get(whole?.Logits, network.Type, new Shape(rows, s.Classes), "look-logits");
            Loss = Get(whole?.Loss, network.Type, new Shape(rows), "look-loss");
            Gradient = Get(whole?.Gradient, network.Type, loss is null ? new Shape(rows) : image, "look-gradient");
        }

        public int Rows { get; }

        public Tensor Images { get; }

        public Tensor Labels { get; }

        public Tensor Targets { get; }

        public Tensor Logits { get; }

        public Tensor Loss { get; }

        public Tensor Gradient { get; }

        public Tensor[] Tensors => [Images, Labels, Targets, Logits, Loss, Gradient];

        public Plan Plan { get; set; } = null!; // Bind follows compilation

        public GraphBuilder Graph(Network network, SearchLoss? loss)
        {
            var graph = new GraphBuilder();
            var x = graph.Bind(Images);
            var logits = network.Forward(new ForwardContext(graph, ForwardMode.Eval), x);
            graph.Store(Logits, logits);
            if (loss is not { } wanted) return graph;
            var labels = graph.Bind(Labels);
            var value = wanted == SearchLoss.CrossEntropy
                ? graph.SoftmaxCrossEntropy(logits, labels)
                : graph.Apply(new LogitLossOp(Of(wanted)), logits, labels, graph.Bind(Targets));
            graph.Store(Loss, value);
            graph.Store(Gradient, graph.Gradients(graph.SumAll(value), x)[0]);
            return graph;
        }

        private static LogitLoss Of(SearchLoss loss) => loss switch
        {
            SearchLoss.Dlr => LogitLoss.Dlr,
            SearchLoss.TargetedDlr => LogitLoss.TargetedDlr,
            _ => LogitLoss.Gap,
        };
    }
}
