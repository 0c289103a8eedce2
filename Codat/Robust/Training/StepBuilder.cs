using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Records the three graphs of a training step.</summary>
internal sealed class StepBuilder
{
    private readonly Network _network;
    private readonly StepSpec _spec;
    private readonly StepTensors _tensors;
    private readonly ClassMethod _method;
    private readonly Tensor _clean;
    private readonly Tensor _iterate;
    private readonly Tensor? _near;

    public StepBuilder(
        Network network, StepSpec spec, StepTensors tensors, ClassMethod method, PlanProgram program)
    {
        (_network, _spec, _tensors, _method) = (network, spec, tensors, method);
        var s = network.Spec;
        var images = new Shape(spec.Batch, s.Height, s.Width, s.Channels);
        _clean = program.Carry("clean", network.Type, images);
        _iterate = spec.Loss == LossKind.Clean ? _clean : program.Carry("iterate", network.Type, images);
        _near = spec.Loss == LossKind.Bat ? program.Carry("near", network.Type, images) : null;
    }

    public GraphBuilder Prepare()
    {
        var graph = new GraphBuilder();
        using var label = graph.Label("load");
        var clean = graph.Bind(_tensors.Pixels);
        if (!_spec.TakesFloats)
        {
            clean = _tensors.Layout.PixelBytes > 0
                ? graph.Apply(new LoadImagesOp(_network.Type), clean, graph.Bind(_tensors.Moves))
                : graph.Apply(new LoadImagesOp(_network.Type), clean, graph.Bind(_tensors.Moves),
                    graph.Bind(_tensors.SampleIds));
        }
        graph.Store(_clean, clean);
        if (_spec.Loss == LossKind.Clean) return graph;
        var start = new PgdStartOp(_spec.Norm, _spec.Epsilon, _spec.Start, _spec.Seed, RandomPurpose.AttackStart);
        var first = graph.Apply(start,
            [clean, graph.Bind(_tensors.SampleIds), graph.Bind(_tensors.Counters), .. Budget(graph, _tensors.Labels)]);
        graph.Store(_iterate, first);
        if (_near is not null) _tensors.Boundary!.Start(graph, _near, first);
        return graph;
    }

    /// <summary>Adds the attack to the program: in groups of images where none influences another.</summary>
    public AttackLanes AddAttack(PlanProgram program)
    {
        var whole = _spec.AttackMode != ForwardMode.Eval || ClimbsKl;
        var group = whole ? _spec.Batch : AttackLanes.GroupSize(_network, _spec.Batch);
        return AttackLanes.Add(
            program, _network.Device, group, _spec.Batch, [_iterate, _clean, _tensors.Labels],
            t => Attack(t[0], t[1], t[2]), "prepare", inputs: false);
    }

    private GraphBuilder Attack(Tensor iterate, Tensor clean, Tensor labels)
    {
        var graph = new GraphBuilder();
        var x = graph.Bind(iterate);
        var context = new ForwardContext(graph, _spec.AttackMode);
        var logits = _network.Forward(context, x);
        // What the clean images give does not change between iterations and moves to the prepare plan by itself.
        var loss = ClimbsKl
            ? graph.KlDivergence(
                _network.Forward(new ForwardContext(graph, _spec.AttackMode), graph.Bind(clean)), logits)
            : graph.SoftmaxCrossEntropy(logits, graph.Bind(labels));
        var gradient = graph.Gradients(graph.SumAll(loss), x)[0];
        using var label = graph.Label("pgd");
        var budget = _near is null
            ? Budget(graph, labels)
            : _tensors.Boundary!.Look(graph, graph.Bind(_near), x, logits, graph.Bind(labels));
        graph.Apply(
            new PgdStepOp(_spec.Norm, _spec.Epsilon, _spec.StepSize), [x, gradient, graph.Bind(clean), .. budget]);
        context.UpdateRunningStatistics(_tensors.Record.Status);
        return graph;
    }

    private bool ClimbsKl => _spec.Loss is LossKind.Trades or LossKind.Bat;

    private Node[] Budget(GraphBuilder graph, Tensor labels) =>
        _method.Budget is { } budget ? [graph.Bind(budget), graph.Bind(labels)] : [];

    /// <summary>
    /// AWP's first half: classes are weighed here, at the weights as they are; then the weights move to where the
    /// weighed loss is worse. The update descends the loss with the same class weights from there, and moves back.
    /// </summary>
    public GraphBuilder Perturb(Tensor kept, double gamma)
    {
        var graph = new GraphBuilder();
        var labels = graph.Bind(_tensors.Labels);
        var (loss, logits, _) = Losses(graph, labels, ForwardMode.Train);
        Weigh(graph, loss, logits, labels);
        StoreGradients(graph, graph.Gradients(Total(graph, loss, labels), _network.BindParameters(graph)));
        using var label = graph.Label("perturb");
        graph.Store(kept, graph.Bind(_network.Weights));
        foreach (var (parameter, gradient) in FlatArena.Views(_tensors.Gradient, _network.Parameters))
        {
            // Weights proper, as the method's authors have it: no biases, no batch norm.
            if (parameter.Shape.Rank > 1)
                graph.Apply(new WeightPerturbOp(gamma), graph.Bind(parameter.Value), graph.Bind(gradient),
                    graph.Bind(_tensors.Record.Status));
        }
        return graph;
    }

    public GraphBuilder Update()
    {
        var graph = new GraphBuilder();
        var labels = graph.Bind(_tensors.Labels);
        var (loss, logits, contexts) = Losses(graph, labels, ForwardMode.Train);
        if (_tensors.Kept is null) Weigh(graph, loss, logits, labels);
        StoreGradients(graph, graph.Gradients(Total(graph, loss, labels), _network.BindParameters(graph)));

        foreach (var context in contexts) context.UpdateRunningStatistics(_tensors.Record.Status);
        if (_tensors.Kept is { } kept) graph.Store(_network.Weights, graph.Bind(kept));
        Optimise(graph);
        return graph;
    }

    /// <summary>Predictions, class risks and weights, and the record of the step.</summary>
    private void Weigh(GraphBuilder graph, Node loss, Node logits, Node labels)
    {
        using (graph.Label("predict")) graph.Store(_tensors.Correct, graph.ArgMax(logits));
        using var label = graph.Label("class-risk");
        var record = _tensors.Record;
        _method.Weigh(graph, graph.Apply(new ClassRiskOp(_network.Spec.Classes), loss, labels), logits, labels);
        graph.Apply(new RecordStepOp(), graph.Bind(_tensors.Ring.Rows), graph.Bind(_tensors.Ring.Next),
            graph.Bind(record.Status), graph.Bind(record.Numbers), graph.Bind(record.Table),
            graph.Bind(_tensors.Correct), labels);
    }

    /// <summary>The losses by the multipliers of their classes.</summary>
    private Node Total(GraphBuilder graph, Node loss, Node labels)
    {
        using var label = graph.Label("class-risk");
        var multipliers = graph.Row(graph.Bind(_tensors.Record.Table), StepRecord.MultiplierRow);
        return graph.SumAll(
            graph.Multiply(loss, graph.Apply(new GatherByLabelOp(_network.Type), multipliers, labels)));
    }

    /// <summary>The loss of each image, as the network is and without learning from it.</summary>
    public GraphBuilder Audit(Tensor losses)
    {
        var graph = new GraphBuilder();
        graph.Store(losses, Losses(graph, graph.Bind(_tensors.Labels), ForwardMode.Eval).Loss);
        return graph;
    }

    private (Node Loss, Node Logits, ForwardContext[] Contexts) Losses(
        GraphBuilder graph, Node labels, ForwardMode mode)
    {
        var attacked = new ForwardContext(graph, mode);
        if (_spec.Loss is LossKind.Ce or LossKind.Clean)
        {
            var logits = _network.Forward(attacked, graph.Bind(_iterate));
            var entropy = graph.SoftmaxCrossEntropy(logits, labels, _spec.LabelSmoothing);
            var factor = _method.TermFactors(graph, labels, _network.Type).Clean;
            return (factor is null ? entropy : graph.Multiply(entropy, factor.Value), logits, [attacked]);
        }
        if (_spec.Loss == LossKind.Bat) return BatLosses(graph, labels, attacked, mode);
        // Two passes with statistics of their own, clean first, as the method's authors run it.
        var clean = new ForwardContext(graph, mode);
        var cleanLogits = _network.Forward(clean, graph.Bind(_clean));
        var attackedLogits = _network.Forward(attacked, graph.Bind(_iterate));
        var loss = _spec.Loss == LossKind.Mart
            ? MartLoss.Build(graph, cleanLogits, attackedLogits, labels, _spec.Beta, _spec.LabelSmoothing)
            : Trades(graph, cleanLogits, attackedLogits, labels);
        return (loss, attackedLogits, [clean, attacked]);
    }

    /// <summary>Three passes with statistics of their own, in the order of the method's authors.</summary>
    private (Node Loss, Node Logits, ForwardContext[] Contexts) BatLosses(
        GraphBuilder graph, Node labels, ForwardContext attacked, ForwardMode mode)
    {
        var (right, clean, last) = (
            new ForwardContext(graph, mode), new ForwardContext(graph, mode), graph.Bind(_iterate));
        var near = _network.Forward(right, _tensors.Boundary!.LastRight(graph, graph.Bind(_near!), last));
        var far = _network.Forward(attacked, last);
        var loss = BatLoss.Build(graph, _network.Forward(clean, graph.Bind(_clean)), near, far, labels, _spec.Beta,
            _spec.LabelSmoothing);
        return (loss, far, [right, attacked, clean]);
    }

    private Node Trades(GraphBuilder graph, Node clean, Node attacked, Node labels)
    {
        var entropy = graph.SoftmaxCrossEntropy(clean, labels, _spec.LabelSmoothing);
        var pull = graph.Scale(graph.KlDivergence(clean, attacked), _spec.Beta);
        var factors = _method.TermFactors(graph, labels, _network.Type);
        if (factors.Clean is { } right) entropy = graph.Multiply(entropy, right);
        if (factors.Pull is { } near) pull = graph.Multiply(pull, near);
        return graph.Add(entropy, pull);
    }

    private void StoreGradients(GraphBuilder graph, Node[] gradients)
    {
        var index = 0;
        foreach (var (_, view) in FlatArena.Views(_tensors.Gradient, _network.Parameters))
            graph.Store(view, gradients[index++]);
    }

    private void Optimise(GraphBuilder graph)
    {
        using var label = graph.Label("optimise");
        var status = graph.Bind(_tensors.Record.Status);
        var weights = graph.Bind(_network.Weights);
        graph.Apply(
            new SgdStepOp(_spec.Momentum, _spec.WeightDecay, _spec.Nesterov), weights, graph.Bind(_tensors.Velocity),
            graph.Bind(_tensors.Gradient), graph.Bind(_tensors.LearningRate), status);
        if (_tensors.Average is { } average)
            graph.Apply(new AverageStepOp(_spec.AverageDecay ?? 0), graph.Bind(average), weights, status);
    }
}
