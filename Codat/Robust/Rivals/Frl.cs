using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// FRL (Xu et al., ICML 2021, arXiv 2010.06121): no class's natural error, nor its boundary error (clean less
/// robust accuracy), should be more than tau above the mean. After each epoch, on held-out images, the multipliers
/// lam_k += rate (error_k - mean - tau), twice that for the boundary, are kept at 0 or more and at most limit in sum;
/// w = 1/K + lam - mean of lam; loss sum_i w_nat[y_i] CE_i / sum_i w_nat[y_i] plus beta times the same of KL_i and
/// w_bdy. Re-margin: s_k += margin-rate (boundary error_k - mean - tau), and class k is attacked within
/// eps clip(exp(2 s_k), 0.98, 3).
/// </summary>
/// <remarks>
/// rate 0.05, halved every 40 epochs, tau 0.1, limit 0.5, beta 1.5 (authors' code). Errors are those of the run's
/// validation: split <c>--val</c> (authors: 300 images of each class), attack <c>--val-attack</c> (authors: pgd-20), of
/// the weights that are validated. Classes without such images keep their multipliers. Published use: fine-tuning of a
/// robust checkpoint (<c>--init</c>) for 40 epochs, lr 0.001, weight decay 5e-4. Re-margin is off (margin-rate 0) as in
/// the authors' first variant; the second has margin-rate 0.2 and tau 0.07. Its step is the largest radius of a batch
/// over 4 there; here the run's step, a quarter of eps by default, times the largest factor of all classes. State:
/// multipliers, weights, margins, radii. The record's weights are the shares of the classes in the batch: FRL acts on
/// the terms of the loss.
/// </remarks>
internal sealed class Frl : ClassMethod
{
    private const int Natural = 0, Boundary = 1, Terms = 2;

    private const double Narrowest = 0.98, Widest = 3;

    private readonly Tensor _multipliers, _weights, _margins, _budget;

    public Frl(ClassWeightSpec spec, ClassTensors tensors, Device device)
        : base(spec with { Kind = ClassWeightKind.None }, tensors)
    {
        var shape = new Shape(Terms, tensors.Prior.Shape[0]);
        _multipliers = device.Allocate(DType.Float64, shape, "frl-multipliers");
        _weights = device.Allocate(DType.Float64, shape, "frl-weights");
        _margins = device.Allocate(DType.Float64, tensors.Prior.Shape, "frl-margins");
        _budget = device.Allocate(DType.Float64, shape, "frl-budget");
        SetWeights(_multipliers.ToArray<double>());
        SetRadii(_margins.ToArray<double>());
    }

    public override IReadOnlyList<Tensor> State => [_multipliers, _weights, _margins, _budget];

    public override Tensor? Budget => Spec.Numbers[MethodKeys.MarginRate] > 0 ? _budget : null;

    public override (Node? Clean, Node? Pull) TermFactors(GraphBuilder graph, Node labels, DType type) =>
        (Factors(graph, Natural, labels, type), Factors(graph, Boundary, labels, type));

    public override void EndEpoch(EpochClasses classes)
    {
        var multipliers = _multipliers.ToArray<double>();
        var k = multipliers.Length / Terms;
        var halvings = (classes.Epoch - 1) / (int)Spec.Numbers[MethodKeys.Halve];
        var rate = Spec.Numbers[MethodKeys.Rate] * Math.Pow(0.5, halvings);
        double[] boundary = [.. classes.Clean.Zip(classes.Robust, (clean, robust) => clean - robust)];
        Move(multipliers.AsSpan(0, k), Array.ConvertAll(classes.Clean, accuracy => 1 - accuracy), rate);
        Move(multipliers.AsSpan(k), boundary, 2 * rate);
        _multipliers.CopyFrom<double>(multipliers);
        SetWeights(multipliers);
        Widen(boundary);
    }

    public override void Restart()
    {
        base.Restart();
        SetWeights(_multipliers.ToArray<double>());
        SetRadii(_margins.ToArray<double>());
    }

    /// <summary>The weight of each sample over the mean weight of the batch.</summary>
    private Node Factors(GraphBuilder graph, int term, Node labels, DType type)
    {
        var weights = ByClass(graph, _weights, term, labels, type);
        var mean = graph.Scale(graph.SumAll(weights), 1.0 / labels.Shape.Count);
        return graph.MultiplyScalar(weights, graph.Reciprocal(mean));
    }

    private void Move(Span<double> multipliers, double[] errors, double rate)
    {
        var bound = Bound(errors);
        var sum = 0.0;
        for (var k = 0; k < errors.Length; k++)
        {
            if (double.IsFinite(errors[k])) multipliers[k] = Math.Max(0, multipliers[k] + rate * (errors[k] - bound));
            sum += multipliers[k];
        }

        var limit = Spec.Numbers[MethodKeys.Limit];
        if (sum <= limit) return;
        for (var k = 0; k < errors.Length; k++) multipliers[k] *= limit / sum;
    }

    private void Widen(double[] errors)
    {
        var (margins, bound) = (_margins.ToArray<double>(), Bound(errors));
        for (var k = 0; k < errors.Length; k++)
            if (double.IsFinite(errors[k])) margins[k] += Spec.Numbers[MethodKeys.MarginRate] * (errors[k] - bound);
        _margins.CopyFrom<double>(margins);
        SetRadii(margins);
    }

    private double Bound(double[] errors) =>
        errors.Where(double.IsFinite).DefaultIfEmpty(0).Average() + Spec.Numbers[MethodKeys.Tau];

    private void SetRadii(double[] margins)
    {
        var radii = Array.ConvertAll(margins, s => Math.Clamp(PortableMath.Exp(2 * s), Narrowest, Widest));
        _budget.CopyFrom<double>([.. radii, .. Enumerable.Repeat(radii.Max(), radii.Length)]);
    }

    private void SetWeights(double[] multipliers)
    {
        var (weights, k) = (new double[multipliers.Length], multipliers.Length / Terms);
        for (var term = 0; term < Terms; term++)
        {
            var own = multipliers.AsSpan(term * k, k);
            var sum = 0.0;
            foreach (var multiplier in own) sum += multiplier;
            for (var i = 0; i < k; i++) weights[term * k + i] = 1.0 / k + own[i] - sum / k;
        }
        _weights.CopyFrom<double>(weights);
    }
}
