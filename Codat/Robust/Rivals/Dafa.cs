using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// DAFA (Lee et al., ICLR 2024, arXiv 2401.12532): after a warm-up each class has a weight W made of how much classes
/// are taken for one another, and trains with the radius W eps, the step W alpha and the clean cross-entropy times W.
/// With P_ij the mean softmax probability of class j on attacked images of class i: W_i = 1, and for each other class j
/// W_i += lambda P_ij P_jj where P_ii is less than P_jj, else W_i -= lambda P_ji P_ii.
/// </summary>
/// <remarks>
/// lambda 1 (paper, CIFAR-10; 1.5 for CIFAR-100 and STL-10); warm-up 0.64 of the epochs (70 of 110). P is gathered in
/// the last epoch of the warm-up, from the step's own logits (authors' code). The KL term of TRADES is not weighed;
/// with cross-entropy on attacked images the weight is that term's. A weight is at least 0; the paper does not say.
/// The authors' code for cross-entropy adds a second step and projection without weights, which undoes the budgets in
/// part; here the paper's rule holds for both losses. State: sums of probabilities, weights, budgets.
/// </remarks>
internal sealed class Dafa : ClassMethod
{
    private readonly int _classes;
    private readonly Tensor _similarity, _weights, _budget;

    public Dafa(ClassWeightSpec spec, ClassTensors tensors, Device device)
        : base(spec, tensors)
    {
        _classes = tensors.Prior.Shape[0];
        _similarity = device.Allocate(DType.Float64, new Shape(_classes, _classes + 1), "dafa-similarity");
        _weights = device.Allocate(DType.Float64, new Shape(1, _classes), "dafa-weights");
        _budget = device.Allocate(DType.Float64, new Shape(2, _classes), "dafa-budget");
        Restart();
    }

    public override IReadOnlyList<Tensor> State => [_similarity, _weights, _budget];

    public override Tensor Budget => _budget;

    public override void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels)
    {
        base.Weigh(graph, risks, logits, labels);
        graph.Apply(new SoftmaxTallyOp(),
            graph.Bind(_similarity), logits, labels, graph.Bind(Tensors.Record.Status));
    }

    public override (Node? Clean, Node? Pull) TermFactors(GraphBuilder graph, Node labels, DType type) =>
        (ByClass(graph, _weights, 0, labels, type), null);

    public override void EndEpoch(EpochClasses classes)
    {
        if (classes.Epoch == classes.After(Spec.Numbers[MethodKeys.WarmUp]))
            Put(Weights(_similarity.ToArray<double>(), _classes, Spec.Numbers[MethodKeys.Lambda]));
        _similarity.Clear();
    }

    public override void Restart()
    {
        _similarity.Clear();
        Put([.. Enumerable.Repeat(1.0, _classes)]);
    }

    private void Put(double[] weights)
    {
        _weights.CopyFrom<double>(weights);
        _budget.CopyFrom<double>([.. weights, .. weights]);
    }

    /// <summary>Weights (K) of sums of probabilities and counts (K, K + 1); a class without samples has 1.</summary>
    private static double[] Weights(double[] sums, int classes, double lambda)
    {
        var weights = new double[classes];
        for (var i = 0; i < classes; i++)
        {
            weights[i] = 1;
            for (var j = 0; j < classes; j++)
            {
                if (i == j || Count(i) == 0 || Count(j) == 0) continue;
                weights[i] += Mean(i, i) < Mean(j, j)
                    ? lambda * Mean(i, j) * Mean(j, j)
                    : -lambda * Mean(j, i) * Mean(i, i);
            }
            weights[i] = Math.Max(weights[i], 0);
        }
        return weights;

        double Count(int i) => sums[i * (classes + 1) + classes];

        double Mean(int i, int j) => sums[i * (classes + 1) + j] / Count(i);
    }
}
