using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// CFA (Wei et al., CVPR 2023, arXiv 2303.14460): with r_k the share of class k's attacked training images classified
/// rightly in the epoch before, the radius of class k is (lambda1 + r_k) eps (CCM), and its sample loss is
/// (1 - c_k) CE + c_k KL with c_k = (lambda2 + r_k) beta / (1 + (lambda2 + r_k) beta) (CCR).
/// </summary>
/// <remarks>
/// lambda1 = lambda2 = 0.5, beta 6; from 0.05 of the epochs on (10 of 200), before that the radius is eps and c is
/// beta / (1 + beta). The step stays that of the run (authors' code). With cross-entropy on attacked images only the
/// radius varies. Each of its three parts has a switch: ccm = 0 leaves every class the radius eps, ccr = 0 every class
/// c = beta / (1 + beta), and the third, the fairness-gated average of weights (FAWA), is <c>--average-gate</c>:
/// published with decay 0.88 per epoch and threshold 0.24. State: right and all samples of the epoch, factors, budgets.
/// </remarks>
internal sealed class Cfa : ClassMethod
{
    private readonly int _classes;
    private readonly double _beta;
    private readonly bool _isCalibrated;
    private readonly Tensor _hits, _terms, _budget;

    public Cfa(ClassWeightSpec spec, ClassTensors tensors, Device device, LossKind loss, double beta)
        : base(spec, tensors)
    {
        (_classes, _beta, _isCalibrated) = (tensors.Prior.Shape[0], beta, loss == LossKind.Trades);
        _hits = device.Allocate(DType.Float64, new Shape(2, _classes), "cfa-hits");
        _terms = device.Allocate(DType.Float64, new Shape(2, _classes), "cfa-terms");
        _budget = device.Allocate(DType.Float64, new Shape(2, _classes), "cfa-budget");
        Restart();
    }

    public override IReadOnlyList<Tensor> State => [_hits, _terms, _budget];

    public override Tensor Budget => _budget;

    public override void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels)
    {
        base.Weigh(graph, risks, logits, labels);
        graph.Apply(new HitTallyOp(),
            graph.Bind(_hits), graph.ArgMax(logits), labels, graph.Bind(Tensors.Record.Status));
    }

    public override (Node? Clean, Node? Pull) TermFactors(GraphBuilder graph, Node labels, DType type) => _isCalibrated
        ? (ByClass(graph, _terms, 0, labels, type), ByClass(graph, _terms, 1, labels, type))
        : (null, null);

    public override void EndEpoch(EpochClasses classes)
    {
        if (classes.Epoch >= classes.After(Spec.Numbers[MethodKeys.Begin]))
        {
            var hits = _hits.ToArray<double>();
            Put(Factor(MethodKeys.Ccm, MethodKeys.Margin, hits), Factor(MethodKeys.Ccr, MethodKeys.Balance, hits));
        }
        _hits.Clear();
    }

    public override void Restart()
    {
        _hits.Clear();
        Put(_ => 1, _ => 1);
    }

    /// <summary>lambda + r_k; 1 for classes without an image, and for all where the part is switched off.</summary>
    private Func<int, double> Factor(string part, string lambda, double[] hits) => k =>
        Spec.Numbers[part] != 0 && hits[_classes + k] > 0
            ? Spec.Numbers[lambda] + hits[k] / hits[_classes + k] : 1;

    /// <summary>Radii, and the terms' factors, beta times the second being c; those of class k from what beta is
    /// multiplied by.</summary>
    private void Put(Func<int, double> margin, Func<int, double> balance)
    {
        var classes = Enumerable.Range(0, _classes).ToArray();
        _budget.CopyFrom<double>([.. classes.Select(margin), .. classes.Select(_ => 1.0)]);
        _terms.CopyFrom<double>(
        [
            .. classes.Select(k => 1 / (1 + balance(k) * _beta)),
            .. classes.Select(k => balance(k) / (1 + balance(k) * _beta)),
        ]);
    }
}
