using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// FAAL (Zhang et al., CVPR 2024, arXiv 2402.17729): with m_k the class mean, on attacked images, of the largest wrong
/// softmax probability minus the true one, w = argmax sum_k w_k m_k over KL(uniform || w) at most r; loss
/// (K/B) sum_i w_{y_i} l_i.
/// </summary>
/// <remarks>
/// r = eta 0.5 (the authors' README); l is the cross-entropy or TRADES' loss, beta 6. Absent classes have m = -1, as in
/// the authors' code. That code also multiplies m_k by the samples of the class, which the paper does not:
/// <c>--set counts=1</c>. Published use: fine-tuning of a robust checkpoint (<c>--init</c>) for 2 epochs, lr 0.01 then
/// 0.001. The authors call a convex solver; here the same problem is solved exactly.
/// </remarks>
internal sealed class Faal(ClassWeightSpec spec, ClassTensors tensors) : ClassMethod(spec, tensors)
{
    public override void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels)
    {
        // log p_true = -CE and log p_wrong = margin - CE, without another softmax.
        var entropy = graph.SoftmaxCrossEntropy(logits, labels);
        var wrong = graph.Exp(graph.Subtract(graph.Margin(logits, labels), entropy));
        var margin = graph.Subtract(wrong, graph.Exp(graph.Scale(entropy, -1)));
        var margins = graph.Apply(new ClassRiskOp(risks.Shape[1]), margin, labels);
        graph.Apply(new MarginWeightOp(Spec.Numbers[MethodKeys.Counts] != 0, Spec.Policy),
            [.. Tensors.Bind(graph, risks), margins]);
    }
}
