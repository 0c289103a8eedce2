namespace Codat.Native.Autograd;

/// <summary>
/// Decides where each value of a graph lives: in a bound tensor, in another value's block, or in its own block.
/// </summary>
internal sealed class StorageAssignment
{
    private readonly GraphBuilder _graph;
    private readonly int[] _slot;
    private readonly List<Slot> _slots = [];

    private StorageAssignment(GraphBuilder graph)
    {
        _graph = graph;
        _slot = new int[graph.Count];
        Array.Fill(_slot, -1);
    }

    /// <summary>Blocks to be laid into the arena; those with a tensor are outside it.</summary>
    public IReadOnlyList<Slot> Slots => _slots;

    /// <summary>The block of a value, or -1 for an effect, which has no value.</summary>
    public int SlotOf(int node) => _slot[node];

    /// <summary>Stores whose value is written straight into its target: nothing is left to do.</summary>
    public HashSet<int> ElidedStores { get; } = [];

    public static StorageAssignment Build(GraphBuilder graph, bool reuse)
    {
        var assignment = new StorageAssignment(graph);
        var lastUse = LastUses(graph);
        var placed = reuse ? assignment.PlaceStores() : [];
        for (var id = 0; id < graph.Count; id++) assignment.Assign(id, lastUse, placed, reuse);
        return assignment;
    }

    private void Assign(int id, int[] lastUse, Dictionary<int, Tensor> placed, bool reuse)
    {
        var data = _graph[id];
        if (data.Tensor is { } tensor)
        {
            _slot[id] = Add(new Slot { Tensor = tensor });
        }
        else if (!data.IsEffect)
        {
            _slot[id] =
                data.Op!.IsAlias ? _slot[data.Inputs[0]] :
                placed.TryGetValue(id, out var target) ? Add(new Slot { Tensor = target }) :
                reuse && InPlaceSlot(id, lastUse) is { } shared ? shared :
                Add(new Slot { First = id, Bytes = checked(data.Type.Shape.Count * data.Type.Type.Size()) });
        }
        if (_slot[id] >= 0) Extend(_slots[_slot[id]], Math.Max(id, lastUse[id]), reuse);
    }

    private void Extend(Slot slot, int last, bool reuse) =>
        slot.Last = reuse ? Math.Max(slot.Last, last) : _graph.Count;

    private int Add(Slot slot)
    {
        _slots.Add(slot);
        return _slots.Count - 1;
    }

    private int? InPlaceSlot(int id, int[] lastUse)
    {
        var data = _graph[id];
        for (var i = 0; i < data.Inputs.Length; i++)
        {
            var input = data.Inputs[i];
            var slot = _slots[_slot[input]];
            if (data.Op!.AllowsInPlace(i) && slot.Tensor is null && slot.Last == id && _graph[input].Type == data.Type
                && !UsedAgain(data.Inputs, i))
                return _slot[input];
        }
        return null;

        // The block may serve as another input too only if that input is read at the same element, which the op did not
        // promise.
        bool UsedAgain(int[] inputs, int index)
        {
            for (var j = 0; j < inputs.Length; j++)
                if (j != index && _slot[inputs[j]] == _slot[inputs[index]] && !data.Op!.AllowsInPlace(j)) return true;
            return false;
        }
    }

    /// <summary>Values that can be computed right where a store would copy them.</summary>
    private Dictionary<int, Tensor> PlaceStores()
    {
        var placed = new Dictionary<int, Tensor>();
        for (var id = 0; id < _graph.Count; id++)
        {
            if (_graph[id].Op is not StoreOp) continue;
            var (target, value) = (_graph[_graph[id].Inputs[0]].Tensor!, _graph[id].Inputs[1]);
            var producer = _graph[value];
            if (producer.Tensor is not null || producer.Op!.IsAlias || placed.ContainsKey(value)) continue;
            if (!TouchedBetween(value, id, target))
            {
                placed.Add(value, target);
                ElidedStores.Add(id);
            }
        }
        return placed;
    }

    /// <summary>
    /// True if a step from the producer up to the store touches the target's memory, or one after it changes it while
    /// the value is read.
    /// </summary>
    private bool TouchedBetween(int producer, int store, Tensor target)
    {
        for (var id = producer; id < _graph.Count; id++)
        {
            var data = _graph[id];
            if (data.Op is null || id == store) continue;
            var mutates = data.Op.Mutates;
            for (var i = 0; i < data.Inputs.Length; i++)
            {
                if (BoundTensor(data.Inputs[i]) is not { } tensor || !tensor.Overlaps(target)) continue;
                if (id < store || mutates.Contains(i)) return true;
            }
        }
        return false;
    }

    private Tensor? BoundTensor(int id)
    {
        while (_graph[id].Op is { IsAlias: true }) id = _graph[id].Inputs[0];
        return _graph[id].Tensor;
    }

    private static int[] LastUses(GraphBuilder graph)
    {
        var last = new int[graph.Count];
        for (var id = 0; id < graph.Count; id++)
            foreach (var input in graph[id].Inputs) last[input] = id;
        // An alias keeps the memory under it alive for as long as it is read itself.
        for (var id = graph.Count - 1; id >= 0; id--)
            if (graph[id].Op is { IsAlias: true })
                last[graph[id].Inputs[0]] = Math.Max(last[graph[id].Inputs[0]], last[id]);
        return last;
    }

    /// <summary>One block: of the arena, or a bound tensor's.</summary>
    internal sealed class Slot
    {
        public Tensor? Tensor { get; init; }
        public int First { get; init; }
        public int Last { get; set; }
        public long Bytes { get; init; }
    }
}
