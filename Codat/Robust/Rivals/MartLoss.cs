using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// MART (Wang et al., ICLR 2020): BCE(f(x'), y) + beta KL(f(x) || f(x')) (1 - p_y(x)), with
/// BCE = -log p_y(x') - log(1 - max over k != y of p_k(x')).
/// </summary>
/// <remarks>
/// beta 5 (paper). The attack climbs the cross-entropy from a gaussian start of 0.001 (authors' code). 1.0001 stands
/// for the 1 in the second logarithm, as in that code. Gradients also pass through p_y(x), as there. Label smoothing
/// acts on the first term alone. Published schedule: lr 0.01, weight decay 3.5e-3.
/// </remarks>
internal static class MartLoss
{
    private const double MoreThanOne = 1e-4, Beyond = 1e4;

    /// <summary>The loss of each sample (N) from logits (N, K) of clean and attacked images.</summary>
    public static Node Build(
        GraphBuilder graph, Node clean, Node attacked, Node labels, double beta, double smoothing)
    {
        var boost = graph.Log(graph.Offset(graph.Exp(LogOfRest(graph, attacked, labels)), MoreThanOne));
        var right = graph.Exp(graph.Scale(graph.SoftmaxCrossEntropy(clean, labels), -1));
        var unsure = graph.Offset(graph.Scale(right, -1), 1);
        var pull = graph.Scale(graph.Multiply(graph.KlDivergence(clean, attacked), unsure), beta);
        return graph.Add(
            graph.Subtract(graph.SoftmaxCrossEntropy(attacked, labels, smoothing), boost), pull);
    }

    /// <summary>log(1 - max over k != y of p_k), (N), from the sum of the other probabilities: a difference from 1
    /// would have lost in single precision what the second logarithm magnifies ten thousand times.</summary>
    private static Node LogOfRest(GraphBuilder graph, Node logits, Node labels)
    {
        var rival = graph.ArgMax(Without(graph, logits, labels));
        return graph.Subtract(graph.SoftmaxCrossEntropy(Without(graph, logits, rival), labels),
            graph.SoftmaxCrossEntropy(logits, labels));
    }

    /// <summary>The logits with one of each row so low that it has no part in a softmax.</summary>
    private static Node Without(GraphBuilder graph, Node logits, Node which) => graph.Subtract(
        logits, graph.Scale(graph.OneHot(which, logits.Shape[1], logits.Type), Beyond));
}
