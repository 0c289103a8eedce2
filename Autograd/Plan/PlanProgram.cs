namespace Codat.Native.Autograd;

/// <summary>A short list of plans over one arena, with carries that live across all of them.</summary>
/// <remarks>
/// A training step is such a program: <c>prepare</c>, <c>attack</c> (run K times), <c>update</c>. Temporaries of
/// different plans share memory; carries never do. Memory is allocated once, in <see cref="Compile"/>.
/// </remarks>
public sealed unsafe class PlanProgram : IDisposable
{
    private readonly List<Tensor> _carries = [];
    private readonly List<(string Name, GraphBuilder Graph)> _graphs = [];
    private readonly Dictionary<string, (string Into, Tensor[] Inputs)> _hoists = [];
    private readonly Dictionary<string, Plan> _plans = [];
    private readonly Dictionary<string, int> _lanes = [];
    private readonly PlanOptions _options;
    private nint _memory;
    private bool _disposed;

    /// <summary>Creates an empty program for a device.</summary>
    public PlanProgram(Device device, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        Device = device;
        _options = options ?? new PlanOptions();
    }

    /// <summary>The device the plans run on.</summary>
    public Device Device { get; }

    /// <summary>
    /// Bytes of the arena: carries, temporaries and workspace together; fixed after <see cref="Compile"/>.
    /// </summary>
    public long ArenaBytes { get; private set; }

    /// <summary>Bytes of the carries within the arena.</summary>
    public long CarryBytes { get; private set; }

    /// <summary>The plan of that name.</summary>
    public Plan this[string name] => _plans[name];

    /// <summary>The plans, in the order they were added.</summary>
    public IEnumerable<Plan> Plans => _graphs.Select(g => _plans[g.Name]);

    /// <summary>
    /// Declares a value that one plan writes and others read; its memory is in the arena and never overlaid.
    /// </summary>
    public Tensor Carry(string name, DType type, Shape shape)
    {
        ThrowIfCompiled();
        var carry = new Tensor(Device, type, shape, name, placedLater: true);
        _carries.Add(carry);
        return carry;
    }

    /// <summary>
    /// Adds a plan. With <paramref name="hoistInto"/>, work that no step of this plan changes moves to that earlier
    /// plan.
    /// </summary>
    /// <param name="name">The plan's name.</param>
    /// <param name="graph">What it computes.</param>
    /// <param name="hoistInto">An earlier plan that runs whenever what it depends on has changed, or null.</param>
    /// <param name="inputs">Tensors the host may write between a run of that plan and one of this: work on them stays
    /// here.</param>
    public void Add(string name, GraphBuilder graph, string? hoistInto = null, params ReadOnlySpan<Tensor> inputs)
    {
        ThrowIfCompiled();
        if (_graphs.Any(g => g.Name == name)) throw new ArgumentException($"the program already has a plan '{name}'");
        if (hoistInto is not null && _graphs.All(g => g.Name != hoistInto))
            throw new ArgumentException(
                $"plan '{name}' cannot hoist into '{hoistInto}': the program has no such earlier plan");
        _graphs.Add((name, graph));
        if (hoistInto is not null) _hoists.Add(name, (hoistInto, inputs.ToArray()));
    }

    /// <summary>
    /// Puts a plan on a lane: plans of different lanes never share memory, so they may run at the same time.
    /// </summary>
    /// <param name="name">A plan that was added.</param>
    /// <param name="lane">0 for the common lane, which plans are on by default.</param>
    public void SetLane(string name, int lane)
    {
        ThrowIfCompiled();
        ArgumentOutOfRangeException.ThrowIfNegative(lane);
        _lanes[name] = lane;
    }

    /// <summary>Compiles all plans and allocates their memory.</summary>
    /// <exception cref="NotSupportedException">The device has no kernel for an op.</exception>
    public void Compile()
    {
        ThrowIfCompiled();
        try
        {
            CompileAll();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Releases the arena; plans no longer run and carries have no memory.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var plan in _plans.Values) plan.Release();
        foreach (var carry in _carries) carry.Dispose();
        if (_memory != 0) Device.ReleaseMemory(_memory, ArenaBytes);
        _memory = 0;
    }

    private void CompileAll()
    {
        var graphs = new Dictionary<string, GraphBuilder>();
        foreach (var (name, graph) in _graphs) graphs.Add(name, GraphPasses.Run(graph, Device, _options));
        if (_options.Hoist)
        {
            var carried = new Dictionary<Node, Tensor>();
            foreach (var (from, (into, inputs)) in _hoists)
                graphs[from] = HoistInvariants.Run(
                    graphs[from], graphs[into], Between(into, from, graphs), inputs, this, carried);
        }
        foreach (var (name, _) in _graphs)
            _plans.Add(name, new Plan(name, Device, DeadNodeElimination.Run(graphs[name]), _options));
        Allocate();
    }

    private IEnumerable<GraphBuilder> Between(string first, string last, Dictionary<string, GraphBuilder> graphs) =>
        _graphs.Select(g => g.Name).SkipWhile(n => n != first).Skip(1).TakeWhile(n => n != last).Select(n => graphs[n]);

    private void Allocate()
    {
        var lanes = new (long Plans, long Workspace)[_lanes.Values.Append(0).Max() + 1];
        foreach (var (name, plan) in _plans)
        {
            ref var lane = ref lanes[_lanes.GetValueOrDefault(name)];
            lane.Plans = Math.Max(lane.Plans, plan.ArenaBytes);
            lane.Workspace = Math.Max(lane.Workspace, MemoryPlanner.Align(Math.Max(plan.WorkspaceBytes, 1)));
        }
        foreach (var carry in _carries) CarryBytes += MemoryPlanner.Align(carry.Bytes);
        ArenaBytes = CarryBytes + lanes.Sum(l => l.Plans + l.Workspace);
        _memory = Device.AllocateMemory(ArenaBytes);

        var memory = (byte*)_memory;
        foreach (var carry in _carries)
        {
            carry.Place(memory);
            memory += MemoryPlanner.Align(carry.Bytes);
        }
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            foreach (var (name, plan) in _plans)
                if (_lanes.GetValueOrDefault(name) == lane) plan.Place(memory, memory + lanes[lane].Plans);
            memory += lanes[lane].Plans + lanes[lane].Workspace;
        }
    }

    private void ThrowIfCompiled()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_memory != 0) throw new InvalidOperationException("the program is compiled");
    }
}
