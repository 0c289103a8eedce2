using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// WAT (Li and Liu, AAAI 2023, arXiv 2302.04025): Hedge over K + 1 losses V on held-out images, those of the classes
/// and their mean. After epoch t, w is proportional to exp(rate sum_{s at most t} V_s) and sums to K; loss
/// (1/B) sum_i (w_{y_i} + w_{K+1}) l_i.
/// </summary>
/// <remarks>
/// rate 0.1; l TRADES' loss with beta 6 (authors' code), here any loss. All w are 1 in the first epoch, as there. V is
/// the step's own loss under its own attack on the validation images (authors: 300 held out of each class), at the
/// weights as trained and not as averaged; a class without such images counts with the mean. Published schedule: 100
/// epochs, lr 0.1 divided by ten at 75 and 90, weight decay 2e-4. State: summed losses, and a factor of each class.
/// </remarks>
internal sealed class Wat : ClassMethod
{
    private const double BothAreOne = 2;

    private readonly Tensor _losses, _factors;

    public Wat(ClassWeightSpec spec, ClassTensors tensors, Device device)
        : base(spec, tensors)
    {
        _losses = device.Allocate(DType.Float64, tensors.Prior.Shape, "wat-losses");
        _factors = device.Allocate(DType.Float64, tensors.Prior.Shape, "wat-factors");
        Begin();
    }

    public override IReadOnlyList<Tensor> State => [_losses, _factors];

    public override bool WantsLosses => true;

    public override void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels) => graph.Apply(
        new FactorWeightOp(Spec.Policy), [.. Tensors.Bind(graph, risks), graph.Bind(_factors)]);

    public override void EndEpoch(EpochClasses classes)
    {
        var sums = _losses.ToArray<double>();
        var mean = classes.Losses.Where(loss => !double.IsNaN(loss)).DefaultIfEmpty(0).Average();
        for (var k = 0; k < sums.Length; k++) sums[k] += double.IsNaN(classes.Losses[k]) ? mean : classes.Losses[k];
        _losses.CopyFrom<double>(sums);

        var weights = Hedge([.. sums, sums.Average()], Spec.Numbers[MethodKeys.Rate]);
        _factors.CopyFrom<double>(Array.ConvertAll(weights[..^1], w => w + weights[^1]));
    }

    public override void Restart()
    {
        base.Restart();
        Begin();
    }

    /// <summary>Weights proportional to exp(rate sum), with the sum one less than their number.</summary>
    private static double[] Hedge(double[] sums, double rate)
    {
        var most = sums.Max();
        var weights = Array.ConvertAll(sums, sum => Math.Exp(rate * (sum - most)));
        var total = weights.Sum();
        return Array.ConvertAll(weights, w => (weights.Length - 1) * w / total);
    }

    private void Begin() =>
        _factors.CopyFrom<double>(Enumerable.Repeat(BothAreOne, (int)_factors.Shape.Count).ToArray());
}
