using Codat.Native.Autograd;

namespace Codat.Native.Tests;

/// <summary>
/// A random program over a few tensors, and the same program evaluated step by step on arrays: elementwise chains, broadcasts,
/// aliases, reductions, stores into tensors and views, reads of what was stored, and effects between reads.
/// </summary>
internal sealed class RandomGraph
{
    private const int Rows = 4, Columns = 6;

    private static readonly Shape[] s_shapes = [new(Rows, Columns), new(Columns), new(Rows), Shape.Scalar, new(Rows * Columns)];

    private readonly Random _random;
    private readonly GraphBench _bench;
    private readonly List<(Node Node, Func<double[]> Value)> _values = [];
    private readonly List<(Tensor Tensor, double[] Memory, int Offset)> _tensors = [];
    private readonly List<Action> _trace = [];

    public RandomGraph(GraphBench bench, int seed, int steps)
    {
        (_bench, _random) = (bench, new Random(seed));
        for (var i = 0; i < 3; i++) AddTensor(s_shapes[0], seed + i);
        AddTensor(s_shapes[1], seed + 10);
        AddTensor(s_shapes[2], seed + 11);
        AddTensor(s_shapes[3], seed + 12);
        AddViews();
        foreach (var (tensor, _, _) in _tensors) Value(bench.Graph.Bind(tensor));
        for (var i = 0; i < steps; i++) Step();
        // Keep a few late values alive to the end.
        for (var i = 0; i < 3; i++) Keep(_values[^(1 + _random.Next(Math.Min(8, _values.Count)))]);
    }

    /// <summary>What the plan wrote for the caller, and every tensor: compared after a run.</summary>
    public List<(Tensor Actual, Func<double[]> Expected)> Results { get; } = [];

    /// <summary>Runs the program on arrays.</summary>
    public void Evaluate()
    {
        foreach (var step in _trace) step();
    }

    private void AddTensor(Shape shape, int seed)
    {
        var values = TestValues.Normal(shape.Count, seed, 0.5);
        var tensor = _bench.Tensor(shape, values);
        _tensors.Add((tensor, values, 0));
        Results.Add((tensor, () => values));
    }

    private void AddViews()
    {
        var values = TestValues.Normal(3 * Rows * Columns, 5, 0.5);
        var arena = _bench.Tensor(new Shape(3 * Rows * Columns), values);
        Results.Add((arena, () => values));
        // The second and third overlap by half.
        foreach (var offset in new[] { 0, Rows * Columns, Rows * Columns + Rows * Columns / 2 })
            _tensors.Add((arena.View(offset, s_shapes[0], $"view{offset}"), values, offset));
    }

    private void Step()
    {
        var g = _bench.Graph;
        switch (_random.Next(12))
        {
            case 0 or 1:
                var x = Pick(_ => true);
                var unary = _random.Next(5);
                var y = unary switch { 0 => g.Relu(x.Node), 1 => g.Scale(x.Node, -0.75), 2 => g.Sigmoid(x.Node), 3 => g.Abs(x.Node), _ => g.Offset(x.Node, 0.5) };
                Value(y);
                break;
            case 2 or 3 or 4:
                var a = Pick(_ => true);
                var b = Pick(s => s == a.Node.Shape);
                Value(_random.Next(3) switch { 0 => g.Add(a.Node, b.Node), 1 => g.Subtract(a.Node, b.Node), _ => g.Multiply(a.Node, g.Sigmoid(b.Node)) });
                break;
            case 5:
                Value(g.AddChannels(Pick(s => s == s_shapes[0]).Node, Pick(s => s == s_shapes[1]).Node));
                break;
            case 6:
                Value(g.MultiplyRows(Pick(s => s == s_shapes[0]).Node, g.Sigmoid(Pick(s => s == s_shapes[2]).Node)));
                break;
            case 7:
                var wide = Pick(s => s == s_shapes[0]).Node;
                Value(_random.Next(3) switch { 0 => g.SumRows(g.Sigmoid(wide)), 1 => g.SumPerRow(g.Sigmoid(wide)), _ => g.Mean(wide) });
                break;
            case 8:
                var flat = Pick(s => s.Count == Rows * Columns).Node;
                Value(g.Reshape(flat, flat.Shape == s_shapes[0] ? s_shapes[4] : s_shapes[0]));
                break;
            case 9 or 10:
                Store();
                break;
            default:
                Keep(Pick(_ => true));
                break;
        }
    }

    private void Store()
    {
        var (tensor, memory, offset) = _tensors[_random.Next(_tensors.Count)];
        var value = Pick(s => s.Count == tensor.Shape.Count);
        _bench.Graph.Store(tensor, value.Node);
        _trace.Add(() => value.Value().CopyTo(memory, offset));
    }

    private void Keep((Node Node, Func<double[]> Value) value)
    {
        var kept = new double[value.Node.Shape.Count];
        var tensor = _bench.Output(value.Node);
        _trace.Add(() => value.Value().CopyTo(kept, 0));
        Results.Add((tensor, () => kept));
    }

    private (Node Node, Func<double[]> Value) Pick(Predicate<Shape> fits)
    {
        var candidates = _values.FindAll(v => fits(v.Node.Shape));
        // Mostly recent ones: long dependent chains make the interesting lifetimes.
        return _random.Next(3) == 0
            ? candidates[_random.Next(candidates.Count)]
            : candidates[^(1 + _random.Next(Math.Min(4, candidates.Count)))];
    }

    private void Value(Node node) => _values.Add((node, Evaluator(node)));

    private readonly Dictionary<int, Func<double[]>> _evaluators = [];

    /// <summary>Records the evaluation of a value in its place; an alias or a bound tensor reads memory when it is used.</summary>
    private Func<double[]> Evaluator(Node node)
    {
        if (_evaluators.TryGetValue(node.Id, out var known)) return known;
        Func<double[]> result;
        if (node.Data.Tensor is { } tensor)
        {
            var (_, memory, offset) = _tensors.Find(t => t.Tensor == tensor);
            var count = (int)tensor.Shape.Count;
            result = () => memory.AsSpan(offset, count).ToArray();
        }
        else
        {
            var inputs = Array.ConvertAll(node.Data.Inputs, i => Evaluator(new Node(_bench.Graph, i)));
            if (node.Data.Op!.IsAlias)
            {
                result = inputs[0];
            }
            else
            {
                var value = new double[node.Shape.Count];
                _trace.Add(() => Compute(node.Data.Op, Array.ConvertAll(inputs, i => i()), value));
                result = () => value;
            }
        }
        _evaluators.Add(node.Id, result);
        return result;
    }

    private static void Compute(Op op, double[][] x, double[] y)
    {
        switch (op)
        {
            case FillOp fill: Array.Fill(y, fill.Value); break;
            case ReduceOp { Kind: ReduceKind.Channels }: Array.Clear(y); for (var i = 0; i < x[0].Length; i++) y[i % y.Length] += x[0][i]; break;
            case ReduceOp: Array.Clear(y); for (var i = 0; i < x[0].Length; i++) y[i / (x[0].Length / y.Length)] += x[0][i]; break;
            case UnaryOp u: for (var i = 0; i < y.Length; i++) y[i] = Unary(u, x[0][i]); break;
            case BinaryOp b:
                for (var i = 0; i < y.Length; i++)
                {
                    var other = x[1][b.Spread switch { Broadcast.Channel => i % Columns, Broadcast.Row => i / Columns, _ => i }];
                    y[i] = b.Kind switch { BinaryKind.Add => x[0][i] + other, BinaryKind.Subtract => x[0][i] - other, _ => x[0][i] * other };
                }
                break;
            default: throw new NotSupportedException(op.Name);
        }
    }

    private static double Unary(UnaryOp op, double v) => op.Kind switch
    {
        UnaryKind.Relu => Math.Max(v, 0), UnaryKind.Scale => op.A * v, UnaryKind.Offset => v + op.A, UnaryKind.Abs => Math.Abs(v),
        UnaryKind.Sigmoid => 1 / (1 + Math.Exp(-v)), _ => throw new NotSupportedException(op.Name),
    };
}
