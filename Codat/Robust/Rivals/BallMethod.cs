using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Distributionally robust training over classes with another ball than CODAT's: min over theta of the max over p in
/// the ball of sum_k p_k H_k, risks and missing classes as in CODAT, so that only the ball differs.
/// </summary>
/// <remarks>
/// kl-dro: KL(p || p0) at most eta. reverse-kl-dro: KL(p0 || p) at most eta. cvar: p at most p0 / eta. Radius eta 0.3,
/// as CODAT's best on ResNet-18 (arXiv 2501.04527); the three have no published default over classes.
/// </remarks>
internal sealed class BallMethod(ClassWeightSpec spec, ClassTensors tensors) : ClassMethod(spec, tensors)
{
    public override void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels) => graph.Apply(
        new BallWeightOp(ObjectiveRules.BallOf(Spec.Kind), Spec.Policy), Tensors.Bind(graph, risks));
}
