using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// BAT (Sun et al., AAAI 2023, arXiv 2209.07534): with x_c the last iterate of a TRADES attack that is classified
/// rightly and x_a the one a step after the first wrong one,
/// CE(f(x_c), y) + beta KL(f(x) || f(x_a)) + KL(f(x_c) || uniform) + KL(f(x_a) || uniform).
/// </summary>
/// <remarks>
/// beta 6 (authors' code). The attack climbs the KL term of TRADES from a gaussian start of 0.001. An image whose start
/// is wrong has it for x_c; one that is never seen to be wrong has the last iterate for both, as in the authors' code,
/// which runs two attacks with starts of their own where this runs one. There an image goes on until a second iterate
/// is wrong, which differs where one that was wrong is right a step later. Passes in its order: x_c, x_a, x. Label
/// smoothing acts on the first term alone. Published: lr 0.1 divided by 10 at epochs 75, 90, 100, weight decay 2e-4.
/// </remarks>
internal static class BatLoss
{
    /// <summary>The loss of each sample (N) from logits (N, K) of clean images, x_c and x_a.</summary>
    public static Node Build(
        GraphBuilder graph, Node clean, Node near, Node far, Node labels, double beta, double smoothing)
    {
        var uniform = graph.Fill(clean.Type, clean.Shape, 0);
        var pull = graph.Scale(graph.KlDivergence(clean, far), beta);
        var even = graph.Add(graph.KlDivergence(near, uniform), graph.KlDivergence(far, uniform));
        return graph.Add(graph.Add(graph.SoftmaxCrossEntropy(near, labels, smoothing), pull), even);
    }
}
