using Codat.Native.Autograd;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>
/// CFOL (Pethick et al., TMLR 2023, arXiv 2302.08872, Algorithm 1): an adversarial bandit over classes. Each image of a
/// batch is of a class drawn from p = gamma p0 + (1 - gamma) softmax(w), and of that class any with equal chance; after
/// the step w_y grows by rate / p_y for each attacked image that is classified wrongly. The loss is the plain mean.
/// </summary>
/// <remarks>
/// gamma 0.5, rate 5e-6 (authors' commands; the paper searches it), p0 the prior, uniform (paper), of classes that have
/// images. A batch updates w at once, with p as it was drawn (authors' code). The next batch depends on this step, so
/// batches are not read ahead, and a CUDA step is waited for. Attack, schedule and choice of iterate are the run's;
/// published with PGD-7 of step 0.00797 that keeps the strongest iterate, and a validation split of 20 %. State: w, p0.
/// </remarks>
internal sealed class Cfol : ClassMethod
{
    private readonly Tensor _weights, _base;
    private readonly double[] _now, _prior, _shares;

    public Cfol(ClassWeightSpec spec, ClassTensors tensors, Device device)
        : base(spec with { Kind = ClassWeightKind.None }, tensors)
    {
        var classes = tensors.Prior.Shape;
        _weights = device.Allocate(DType.Float64, classes, "cfol-weights");
        _base = device.Allocate(DType.Float64, classes, "cfol-base");
        (_now, _prior, _shares) = (new double[classes[0]], tensors.Prior.ToArray<double>(), new double[classes[0]]);
        _base.CopyFrom<double>(_prior);
    }

    public override IReadOnlyList<Tensor> State => [_weights, _base];

    public override void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels)
    {
        base.Weigh(graph, risks, logits, labels);
        graph.Apply(new BanditOp(Spec.Numbers[MethodKeys.Gamma], Spec.Numbers[MethodKeys.Rate]),
            graph.Bind(_weights), graph.Bind(_base), graph.ArgMax(logits), labels, graph.Bind(Tensors.Record.Status));
    }

    public override ClassSampler CreateSampler(IDataset images, int batch, ulong seed)
    {
        var sampler = new ClassSampler(images, batch, seed);
        Tensors.Prior.CopyTo<double>(_prior);
        var total = 0.0;
        for (var k = 0; k < _prior.Length; k++)
        {
            if (!sampler.HasImages(k)) _prior[k] = 0;
            total += _prior[k];
        }
        for (var k = 0; k < _prior.Length; k++) _prior[k] /= total;
        _base.CopyFrom<double>(_prior);
        return sampler;
    }

    public override void Direct(ClassSampler sampler) => sampler.SetShares(Shares());

    public override void Restart() => _weights.Clear();

    /// <summary>The chance of each class in the next batch.</summary>
    public ReadOnlySpan<double> Shares()
    {
        _weights.CopyTo<double>(_now);
        BanditOp.Distribution(_now, _prior, Spec.Numbers[MethodKeys.Gamma], _shares);
        return _shares;
    }
}
