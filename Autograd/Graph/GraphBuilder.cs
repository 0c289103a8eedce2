namespace Codat.Native.Autograd;

/// <summary>Records a computation once; a plan compiled from it runs many times.</summary>
/// <remarks>
/// Values are numbered in the order they are added, which is a topological order and the order of execution. Equal ops
/// on equal inputs are one value. Effects (<see cref="Op.Mutates"/>) keep their place: what was added before an effect
/// sees the old contents, what is added after it sees the new ones. One thread at a time.
/// </remarks>
public sealed class GraphBuilder
{
    private readonly List<NodeData> _nodes = [];
    private readonly Dictionary<ValueKey, int> _values = [];
    private readonly Dictionary<Tensor, int> _bound = [];
    private readonly Dictionary<int, List<ValueKey>> _readers = [];
    private string _label = "";

    /// <summary>Number of values.</summary>
    public int Count => _nodes.Count;

    internal NodeData this[int id] => _nodes[id];

    /// <summary>A tensor's contents as a value; binding it twice gives the same value.</summary>
    public Node Bind(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (_bound.TryGetValue(tensor, out var id)) return new Node(this, id);
        id = Append(new NodeData(null, [], new TensorType(tensor.Type, tensor.Shape), tensor, _label));
        _bound.Add(tensor, id);
        return new Node(this, id);
    }

    /// <summary>Applies an op to values of this graph.</summary>
    /// <exception cref="ShapeException">The inputs do not fit the op.</exception>
    /// <exception cref="ArgumentException">An input is of another graph or has no value, or an effect's target is not a
    /// bound tensor.</exception>
    public Node Apply(Op op, params ReadOnlySpan<Node> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        var ids = new int[inputs.Length];
        var types = new TensorType[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!ReferenceEquals(inputs[i].Graph, this))
                throw new ArgumentException($"{op.Name}: input {i} is not a value of this graph");
            ids[i] = inputs[i].Id;
            if (_nodes[ids[i]].IsEffect)
                throw new ArgumentException(
                    $"{op.Name}: input {i} is the effect {_nodes[ids[i]].Op!.Name}, which has no value");
            types[i] = _nodes[ids[i]].Type;
        }
        foreach (var index in op.Mutates)
        {
            if (_nodes[ids[index]].Tensor is null)
                throw new ArgumentException(
                    $"{op.Name} overwrites input {index}, which is {inputs[index]} and not a bound tensor");
        }
        return Apply(op, ids, op.Infer(types), _label);
    }

    /// <summary>Writes a value into a tensor when the plan runs.</summary>
    public void Store(Tensor target, Node value)
    {
        var place = Bind(target);
        if (place.Shape.Count != value.Shape.Count || place.Type != value.Type)
            throw new ShapeException($"cannot store {value.Data.Type} in tensor {target}");
        Apply(new StoreOp(), place, value);
    }

    /// <summary>
    /// Names the values added until the returned scope is disposed, for profiles: <c>layer1.0.conv1</c>.
    /// </summary>
    public LabelScope Label(string name)
    {
        var scope = new LabelScope(this, _label);
        _label = _label.Length == 0 ? name : $"{_label}.{name}";
        return scope;
    }

    /// <summary>Uses exactly this label until the scope is disposed.</summary>
    internal LabelScope KeepLabel(string label)
    {
        var scope = new LabelScope(this, _label);
        _label = label;
        return scope;
    }

    /// <summary>
    /// Adds the values of d<paramref name="scalar"/>/d<paramref name="wrt"/>, computing only the paths needed.
    /// </summary>
    /// <returns>One gradient for each of <paramref name="wrt"/>, of its shape.</returns>
    /// <exception cref="ArgumentException">The value is not a scalar, or does not depend on one of
    /// <paramref name="wrt"/>.</exception>
    public Node[] Gradients(Node scalar, params ReadOnlySpan<Node> wrt) => Autograd.Gradients.Build(this, scalar, wrt);

    internal Node Apply(Op op, int[] inputs, TensorType type, string label)
    {
        var key = new ValueKey(op, inputs, type.Type);
        var effect = op.Mutates.Length > 0;
        if (!effect && _values.TryGetValue(key, out var known)) return new Node(this, known);
        var id = Append(new NodeData(op, inputs, type, null, label));
        if (effect) ForgetReaders(op, inputs);
        else Remember(key, id);
        return new Node(this, id);
    }

    internal Node At(int id) => new(this, id);

    internal void SetLabel(string label) => _label = label;

    private void Remember(ValueKey key, int id)
    {
        _values.Add(key, id);
        foreach (var input in key.Inputs)
        {
            if (_nodes[input].Tensor is null) continue;
            if (!_readers.TryGetValue(input, out var readers)) _readers.Add(input, readers = []);
            readers.Add(key);
        }
    }

    /// <summary>
    /// What was computed from memory that an effect overwrites is not the value of the same op afterwards.
    /// </summary>
    private void ForgetReaders(Op effect, int[] inputs)
    {
        foreach (var index in effect.Mutates)
        {
            var target = _nodes[inputs[index]].Tensor!; // checked when the effect was added
            foreach (var (tensor, id) in _bound)
            {
                if (!tensor.Overlaps(target) || !_readers.Remove(id, out var readers)) continue;
                foreach (var key in readers) _values.Remove(key);
            }
        }
    }

    private int Append(NodeData data)
    {
        _nodes.Add(data);
        return _nodes.Count - 1;
    }

    /// <summary>Restores the previous label on disposal.</summary>
    public readonly ref struct LabelScope
    {
        private readonly GraphBuilder _graph;
        private readonly string _previous;

        internal LabelScope(GraphBuilder graph, string previous) => (_graph, _previous) = (graph, previous);

        /// <summary>Ends the scope.</summary>
        public void Dispose() => _graph.SetLabel(_previous);
    }

    private readonly record struct ValueKey(Op Op, int[] Inputs, DType Type)
    {
        public bool Equals(ValueKey other) =>
            Type == other.Type && Inputs.AsSpan().SequenceEqual(other.Inputs) && Op.Equals(other.Op);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(Op);
            foreach (var input in Inputs) hash.Add(input);
            return hash.ToHashCode();
        }
    }
}
