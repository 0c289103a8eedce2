using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// A network compiled for attack and scoring on one physical batch: <c>prepare</c> (weights, once), <c>start</c>,
/// <c>attack</c> (one iteration), <c>score</c>.
/// </summary>
/// <remarks>
/// Every image's result is the same whatever the batch size, its place and its neighbours (running statistics). Unused
/// rows of a batch are padding. Owns its memory, not the network. One thread at a time.
/// </remarks>
public sealed class AttackProgram : IDisposable
{
    private readonly PlanProgram _program;
    private readonly Plan _prepare, _score;
    private readonly Plan? _start;
    private readonly AttackLanes? _attack;
    private readonly Tensor[] _tensors;
    private readonly int[] _never;

    /// <summary>Compiles for a batch; without an attack it only scores.</summary>
    public AttackProgram(Network network, AttackSpec? spec, int batch, ulong seed, PlanOptions? options = null)
        : this(network, spec, batch, seed, options, isTraced: false)
    {
    }

    /// <summary>Compiles for a batch; a traced attack notes what it sees before every step.</summary>
    internal AttackProgram(
        Network network, AttackSpec? spec, int batch, ulong seed, PlanOptions? options, bool isTraced)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        (Network, Spec, Batch) = (network, spec, batch);
        var (device, s) = (network.Device, network.Spec);
        var images = new Shape(batch, s.Height, s.Width, s.Channels);
        Clean = device.Allocate(network.Type, images, "clean");
        Iterate = spec is null ? Clean : device.Allocate(network.Type, images, "iterate");
        Labels = device.Allocate(DType.Int32, new Shape(batch), "labels");
        SampleIds = device.Allocate(DType.Int32, new Shape(batch), "sample-ids");
        Counters = device.Allocate(DType.Int32, new Shape(2), "counters");
        Predicted = device.Allocate(DType.Int32, new Shape(batch), "predicted");
        Logits = device.Allocate(network.Type, new Shape(batch, s.Classes), "logits");
        Loss = device.Allocate(network.Type, new Shape(batch), "loss");
        Rivalry = device.Allocate(network.Type, new Shape(batch), "rivalry");
        FirstSuccess = device.Allocate(DType.Int32, new Shape(batch), "first-success");
        Taken = device.Allocate(DType.Int32, new Shape(batch), "taken");
        _tensors = [Clean, Labels, SampleIds, Counters, Predicted, Logits, Loss, Rivalry, FirstSuccess, Taken];
        if (isTraced && spec is not null) Trace = new AttackTrace(device, network.Type, images, spec.Steps);
        _never = new int[batch];
        Array.Fill(_never, -1);

        _program = new PlanProgram(device, options);
        _program.Add("prepare", new GraphBuilder());
        if (spec is not null)
        {
            _program.Add("start", StartGraph(spec, seed));
            var group = spec.BatchNorm == ForwardMode.Eval ? AttackLanes.GroupSize(network, batch) : batch;
            Tensor[] tensors =
                [Iterate, Clean, Labels, Predicted, FirstSuccess, Taken, .. Trace?.Tensors ?? []];
            _attack = AttackLanes.Add(
                _program, device, group, batch, tensors, t => AttackGraph(spec, t), "prepare", inputs: true);
        }
        _program.Add("score", ScoreGraph(), "prepare", Clean, Iterate, Labels);
        _program.Compile();
        _prepare = _program["prepare"];
        _score = _program["score"];
        if (spec is not null) _start = _program["start"];
        _attack?.Bind(_program);
        WeightsChanged();
    }

    /// <summary>The network attacked.</summary>
    public Network Network { get; }

    /// <summary>The attack, or null.</summary>
    public AttackSpec? Spec { get; }

    /// <summary>Rows of the physical batch.</summary>
    public int Batch { get; }

    /// <summary>Clean images (N,H,W,C) in [0,1]: the centre of the ball.</summary>
    public Tensor Clean { get; }

    /// <summary>The images the attack has reached; the clean ones without an attack.</summary>
    public Tensor Iterate { get; }

    /// <summary>Labels (N).</summary>
    public Tensor Labels { get; }

    /// <summary>Sample ids (N): what randomness is keyed by.</summary>
    public Tensor SampleIds { get; }

    /// <summary>Epoch and restart: parts of the random counters.</summary>
    public Tensor Counters { get; }

    /// <summary>Predicted classes (N) of the images last looked at; -1 where a logit is not a number.</summary>
    public Tensor Predicted { get; }

    /// <summary>Logits (N,K) of the last score.</summary>
    public Tensor Logits { get; }

    /// <summary>Cross-entropy (N) of the last score.</summary>
    public Tensor Loss { get; }

    /// <summary>Largest wrong logit minus the label's (N) of the last score.</summary>
    internal Tensor Rivalry { get; }

    /// <summary>
    /// Steps taken when an iterate before a step was first misclassified, else -1 (N); 0 is the start.
    /// </summary>
    internal Tensor FirstSuccess { get; }

    /// <summary>What a traced attack saw before each step; null where it is not traced.</summary>
    internal AttackTrace? Trace { get; }

    private Tensor Taken { get; }

    /// <summary>Prepares the weights anew after they have changed.</summary>
    public void WeightsChanged() => _prepare.Run();

    /// <summary>Draws the first iterate from the clean images.</summary>
    public void Start() => (_start ?? throw new InvalidOperationException("there is no attack")).Run();

    /// <summary>One iteration; <see cref="Predicted"/> is of the iterate before it.</summary>
    public void Step() => Steps(1);

    private void Steps(int count) => (_attack ?? throw new InvalidOperationException("there is no attack")).Run(count);

    /// <summary>Logits, predictions and losses of the iterate.</summary>
    public void Score() => _score.Run();

    /// <summary>Start, all steps and the score; numbers are drawn for a restart of epoch 0.</summary>
    public void Run(int restart = 0)
    {
        Counters.CopyFrom<int>([0, restart]);
        FirstSuccess.CopyFrom<int>(_never);
        Taken.Clear();
        Start();
        Steps(Spec!.Steps); // Start has refused a missing attack
        Score();
    }

    /// <summary>Releases all memory.</summary>
    public void Dispose()
    {
        _program.Dispose();
        if (Iterate != Clean) Iterate.Dispose();
        foreach (var tensor in _tensors) tensor.Dispose();
        Trace?.Dispose();
    }

    private GraphBuilder StartGraph(AttackSpec spec, ulong seed)
    {
        var graph = new GraphBuilder();
        var op = new PgdStartOp(spec.Norm, spec.Epsilon, spec.Start, seed, RandomPurpose.EvaluationStart);
        graph.Store(Iterate, graph.Apply(op, graph.Bind(Clean), graph.Bind(SampleIds), graph.Bind(Counters)));
        return graph;
    }

    /// <summary>One iteration; the tensors are those that <see cref="AttackLanes.Add"/> was given.</summary>
    private GraphBuilder AttackGraph(AttackSpec spec, Tensor[] tensors)
    {
        var graph = new GraphBuilder();
        var (x, labels) = (graph.Bind(tensors[0]), graph.Bind(tensors[2]));
        var logits = Network.Forward(new ForwardContext(graph, spec.BatchNorm), x);
        var predicted = graph.ArgMax(logits);
        graph.Store(tensors[3], predicted);
        var loss = spec.Loss == AttackLoss.Margin
            ? graph.Margin(logits, labels)
            : graph.SoftmaxCrossEntropy(logits, labels);
        var gradient = graph.Gradients(graph.SumAll(loss), x)[0];
        using var label = graph.Label("pgd");
        var (clean, taken) = (graph.Bind(tensors[1]), graph.Bind(tensors[5]));
        if (tensors.Length > 6)
            graph.Apply(new AttackTraceOp(spec.Norm, spec.Epsilon), graph.Bind(tensors[6]), graph.Bind(tensors[7]),
                graph.Bind(tensors[8]), taken, x, gradient, clean, loss);
        graph.Apply(new FirstSuccessOp(), graph.Bind(tensors[4]), taken, predicted, labels);
        graph.Apply(new PgdStepOp(spec.Norm, spec.Epsilon, spec.StepSize), x, gradient, clean);
        return graph;
    }

    private GraphBuilder ScoreGraph()
    {
        var graph = new GraphBuilder();
        var logits = Network.Forward(new ForwardContext(graph, ForwardMode.Eval), graph.Bind(Iterate));
        graph.Store(Logits, logits);
        graph.Store(Predicted, graph.ArgMax(logits));
        graph.Store(Loss, graph.SoftmaxCrossEntropy(logits, graph.Bind(Labels)));
        graph.Store(Rivalry, graph.Margin(logits, graph.Bind(Labels)));
        return graph;
    }
}
