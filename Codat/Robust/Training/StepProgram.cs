using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// One training step as plans over one arena: <c>prepare</c> (load, start, prepared weights), <c>attack</c> (one
/// iteration, run K times), <c>perturb</c> (with AWP), <c>update</c> (losses, class risk, weights, gradients,
/// optimiser). Running it allocates nothing.
/// </summary>
/// <remarks>Owns its tensors and the arena, not the network. One thread at a time.</remarks>
public sealed class StepProgram : IDisposable
{
    private readonly PlanProgram _program;
    private readonly StepTensors _tensors;
    private readonly Plan _prepare;
    private readonly AttackLanes? _attack;
    private readonly Plan _update;
    private readonly Plan? _perturb;
    private readonly PhaseEvents? _events;
    private readonly StepReplay? _replay;

    /// <summary>Compiles the step of a network.</summary>
    public StepProgram(Network network, StepSpec spec, PlanOptions? options = null)
        : this(network, spec, options, stored: null)
    {
    }

    /// <param name="network">The network.</param>
    /// <param name="spec">What to compile.</param>
    /// <param name="options">How plans are made.</param>
    /// <param name="stored">All images that steps may name by sample id, uint8 (M,H,W,C), which stay the caller's; null
    /// where every batch brings its own.</param>
    internal StepProgram(Network network, StepSpec spec, PlanOptions? options, Tensor? stored)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(spec);
        (Network, Spec) = (network, spec);
        _tensors = new StepTensors(network, spec, stored);
        _program = new PlanProgram(
            network.Device, (options ?? new PlanOptions()) with { Precision = spec.PlanPrecision });
        var tensors = new ClassTensors(_tensors.Prior, _tensors.Radius, _tensors.Record);
        Method = ClassMethods.Create(spec.ClassWeights, tensors, network.Device, spec.Loss, spec.Beta);
        var builder = new StepBuilder(network, spec, _tensors, Method, _program);
        _program.Add("prepare", builder.Prepare());
        if (Attacks) _attack = builder.AddAttack(_program);
        if (_tensors.Kept is { } kept && spec.Awp is { } gamma) _program.Add("perturb", builder.Perturb(kept, gamma));
        _program.Add("update", builder.Update());
        if (Method.WantsLosses) _program.Add("audit", builder.Audit(_tensors.AddAudited()));
        _program.Compile();
        _prepare = _program["prepare"];
        _attack?.Bind(_program);
        _update = _program["update"];
        if (_tensors.Kept is not null) _perturb = _program["perturb"];
        if (network.Device is not CudaDevice cuda) return;
        try
        {
            _events = new PhaseEvents(cuda);
        }
        catch
        {
            Dispose();
            throw;
        }
        _replay = new StepReplay(cuda, RunMarked);
    }

    /// <summary>The network being trained.</summary>
    public Network Network { get; }

    /// <summary>What was compiled.</summary>
    public StepSpec Spec { get; }

    /// <summary>The plans, for profiles.</summary>
    public IEnumerable<Plan> Plans => _program.Plans;

    /// <summary>Bytes of the arena; fixed.</summary>
    public long ArenaBytes => _program.ArenaBytes;

    internal StepTensors Tensors => _tensors;

    /// <summary>How classes are weighed, and what that remembers.</summary>
    internal ClassMethod Method { get; }

    /// <summary>Times of the phases, where the host cannot know them; null on the host processor.</summary>
    internal PhaseEvents? Events => _events;

    /// <summary>The captured step; null on the host processor.</summary>
    internal StepReplay? Replay => _replay;

    private bool Attacks => Spec.Loss != LossKind.Clean;

    /// <summary>Stored bytes to the clean images and the first iterate; weights prepared for the attack.</summary>
    public void Prepare() => _prepare.Run();

    /// <summary>All K iterations of the attack.</summary>
    public void Attack() => _attack?.Run(Spec.AttackSteps);

    /// <summary>Losses, class weights, gradients and the optimiser's step.</summary>
    public void Update()
    {
        _perturb?.Run();
        _update.Run();
    }

    /// <summary>Attacks the images that were loaded and gives the loss of each (N), learning nothing.</summary>
    /// <exception cref="InvalidOperationException">The method has no use for it.</exception>
    internal double[] Audit()
    {
        var losses = _tensors.Audited ?? throw new InvalidOperationException("the step was compiled without an audit");
        Prepare();
        Attack();
        _program["audit"].Run();
        return losses.Type == DType.Float64
            ? losses.ToArray<double>()
            : Array.ConvertAll(losses.ToArray<float>(), loss => (double)loss);
    }

    /// <summary>The whole step: on a CUDA device one graph launch, from the third run on.</summary>
    public void Run()
    {
        if (_replay is { } replay)
        {
            replay.Run();
            return;
        }
        Prepare();
        Attack();
        Update();
    }

    /// <summary>Releases the arena and the step's tensors.</summary>
    public void Dispose()
    {
        _replay?.Dispose();
        _events?.Dispose();
        _program.Dispose();
        Method.Dispose();
        _tensors.Dispose();
    }

    private void RunMarked()
    {
        if (_events is not { } events) return;
        events.Mark(PhaseEvents.Start);
        Prepare();
        events.Mark(PhaseEvents.Prepared);
        Attack();
        events.Mark(PhaseEvents.Attacked);
        Update();
        events.Mark(PhaseEvents.Updated);
    }
}
