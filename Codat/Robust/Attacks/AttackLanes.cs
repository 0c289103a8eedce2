using System.Runtime.CompilerServices;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// The iterations of an attack on groups of images: each group runs all its iterations while its activations stay in
/// cache, and each thread has a plan of its own, so threads meet once per batch and not once per layer.
/// </summary>
/// <remarks>
/// Only for running statistics: then no image influences another's bits, and the result is that of the whole batch at
/// once. Where a group would be the whole batch there is one lane, whose kernels share the threads.
/// </remarks>
internal sealed class AttackLanes
{
    private readonly Device _device;
    private readonly Lane[] _lanes;
    private readonly int _group;
    private readonly int _groups;

    private AttackLanes(Device device, Lane[] lanes, int group, int groups) =>
        (_device, _lanes, _group, _groups) = (device, lanes, group, groups);

    /// <summary>
    /// Images per group for a network, by the bytes its activations and weights take; never a function of threads.
    /// </summary>
    public static int GroupSize(Layers.Network network, int batch)
    {
        // Groups are for caches and threads of the host processor; a GPU wants the whole batch at once. Weights are
        // read once per group: large ones are worth more images than caches hold.
        if (network.Device is not CpuDevice || IsLarge(network)) return batch;
        var group = 1;
        for (var size = 1; size <= Math.Min(batch, MostImages); size++)
            if (batch % size == 0) group = size;
        return group;
    }

    /// <summary>Whether a network is so large that threads share its kernels instead of its images.</summary>
    public static bool IsLarge(Layers.Network network) => network.ParameterCount > MostParameters;

    private const long MostParameters = 1_000_000;
    private const int MostImages = 16;

    /// <summary>Adds the plans of the lanes to a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="group">Images per group; a divisor of the batch.</param>
    /// <param name="batch">Images in all.</param>
    /// <param name="tensors">Tensors over the whole batch that the graph works on, rows outermost.</param>
    /// <param name="build">Records one iteration on windows of them.</param>
    /// <param name="hoistInto">The plan that prepares weights.</param>
    /// <param name="inputs">True where the host writes the tensors between that plan and this.</param>
    public static AttackLanes Add(PlanProgram program, Device device, int group, int batch, Tensor[] tensors,
        Func<Tensor[], GraphBuilder> build, string hoistInto, bool inputs)
    {
        if (group == batch)
        {
            program.Add("attack", build(tensors), hoistInto, inputs ? tensors : []);
            return new AttackLanes(device, [new Lane("attack", [])], batch, 1);
        }
        var lanes = new Lane[Math.Min(device.Threads, batch / group)];
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            var windows = Array.ConvertAll(tensors, t => t.Window(group, t.Name));
            lanes[lane] = new Lane(lane == 0 ? "attack" : $"attack{lane}", windows);
            program.Add(lanes[lane].Name, build(windows), hoistInto, inputs ? tensors : []);
            program.SetLane(lanes[lane].Name, lane);
        }
        return new AttackLanes(device, lanes, group, batch / group);
    }

    /// <summary>Takes the compiled plans.</summary>
    public void Bind(PlanProgram program)
    {
        foreach (var lane in _lanes) lane.Plan = program[lane.Name];
    }

    /// <summary>Runs the iterations on every group.</summary>
    public void Run(int iterations)
    {
        if (_groups == 1)
        {
            for (var i = 0; i < iterations; i++) _lanes[0].Plan.Run();
            return;
        }
        var body = new Body { Lanes = _lanes, Group = _group, Iterations = iterations };
        Tiles.Run(((CpuDevice)_device).Workers, _groups, ref body); // only there are groups
    }

    private struct Body : ITileBody
    {
        public Lane[] Lanes;
        public int Group, Iterations;

        public readonly void Run(int tile, int worker)
        {
            var lane = Lanes[worker];
            foreach (var window in lane.Windows) window.MoveTo(tile * Group);
            lane.Plan.Resolve();
            for (var i = 0; i < Iterations; i++) lane.Plan.Run();
        }
    }

    private sealed class Lane(string name, Tensor[] windows)
    {
        public string Name { get; } = name;

        public Tensor[] Windows { get; } = windows;

        public Plan Plan { get; set; } = null!; // Bind follows compilation
    }
}
