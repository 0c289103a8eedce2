using System.Diagnostics;
using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>A compiled graph: kernels in order with fixed memory. Running it allocates nothing.</summary>
/// <remarks>Belongs to a <see cref="PlanProgram"/>; one thread at a time.</remarks>
public sealed unsafe class Plan
{
    private readonly Device _device;
    private readonly StorageAssignment _storage;
    private readonly long[] _offsets;
    private readonly PlanStep[] _steps;
    private readonly Tensor[] _owners;
    private byte[][]? _rangeNames;
    private byte* _arena;
    private nint _workspace;

    internal Plan(string name, Device device, GraphBuilder graph, PlanOptions options)
    {
        (Name, _device) = (name, device);
        _storage = StorageAssignment.Build(graph, options.Reuse);
        _steps = PlanBinder.Bind(device, graph, _storage, name, options.Precision);
        (_offsets, ArenaBytes) = LayOut(_storage);
        _owners = Owners(_storage);
        foreach (var step in _steps) WorkspaceBytes = Math.Max(WorkspaceBytes, step.Kernel.WorkspaceBytes);
    }

    /// <summary>The plan's name within its program.</summary>
    public string Name { get; }

    /// <summary>Steps in the order they run.</summary>
    public IReadOnlyList<PlanStep> Steps => _steps;

    /// <summary>Bytes of intermediate values, after sharing.</summary>
    public long ArenaBytes { get; }

    /// <summary>Scratch bytes of the hungriest kernel.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>Who is told of every step; null but in a profile.</summary>
    internal IPlanWatch? Watch { get; set; }

    /// <summary>Runs every step once.</summary>
    /// <exception cref="ObjectDisposedException">A bound tensor is disposed of.</exception>
    public void Run()
    {
        if (_workspace == 0)
            throw new InvalidOperationException(
                $"plan '{Name}' has no memory: its program is not compiled, or disposed of");
        // Kernels hold raw addresses: a tensor disposed of must not be found out by reading freed memory.
        foreach (var owner in _owners) owner.ThrowIfDisposed();
        if (Watch is not null || ProfilerRange.IsEnabled)
        {
            RunObserved();
            return;
        }
        foreach (var step in _steps) _device.Execute(step, _workspace);
    }

    internal void Place(byte* arena, byte* workspace)
    {
        _arena = arena;
        _workspace = (nint)workspace;
        Resolve();
    }

    /// <summary>Forgets the memory: the plan can no longer run.</summary>
    internal void Release()
    {
        _workspace = 0;
        foreach (var step in _steps) _device.Released(step);
    }

    /// <summary>Computes every address anew, after memory or a window has moved.</summary>
    internal void Resolve()
    {
        foreach (var step in _steps)
        {
            for (var i = 0; i < step.InputIds.Length; i++) step.Inputs[i] = Address(step.InputIds[i]);
            step.Output = _storage.SlotOf(step.OutputId) < 0 ? 0 : Address(step.OutputId);
            _device.Placed(step, _workspace);
        }
    }

    // Ranges are made on the host: they name what is enqueued, a replayed graph has none.
    private void RunObserved()
    {
        var names = _rangeNames ??=
            [.. _steps.Select(s => RangeName($"{s.Label} {s.Op.Name}".Trim())), RangeName(Name)];
        using var phase = ProfilerRange.Open(names[^1]);
        for (var i = 0; i < _steps.Length; i++)
        {
            using var range = ProfilerRange.Open(names[i]);
            var start = Stopwatch.GetTimestamp();
            _device.Execute(_steps[i], _workspace);
            Watch?.Ran(this, i, start, Stopwatch.GetTimestamp());
        }
    }

    private nint Address(int node)
    {
        var slot = _storage.SlotOf(node);
        return _storage.Slots[slot].Tensor is { } tensor ? (nint)tensor.Pointer : (nint)(_arena + _offsets[slot]);
    }

    private static byte[] RangeName(string name) => Encoding.UTF8.GetBytes(name + '\0');

    private static Tensor[] Owners(StorageAssignment storage)
    {
        var owners = new HashSet<Tensor>();
        foreach (var slot in storage.Slots)
            if (slot.Tensor is { } tensor) owners.Add(tensor.Root);
        return [.. owners];
    }

    private static (long[] Offsets, long Bytes) LayOut(StorageAssignment storage)
    {
        var indices = new List<int>();
        var intervals = new List<LiveInterval>();
        for (var i = 0; i < storage.Slots.Count; i++)
        {
            var slot = storage.Slots[i];
            if (slot.Tensor is not null) continue;
            indices.Add(i);
            intervals.Add(new LiveInterval(slot.First, slot.Last, slot.Bytes));
        }
        var packed = new long[intervals.Count];
        var bytes = MemoryPlanner.Plan(intervals.ToArray(), packed);
        var offsets = new long[storage.Slots.Count];
        for (var i = 0; i < packed.Length; i++) offsets[indices[i]] = packed[i];
        return (offsets, bytes);
    }
}
