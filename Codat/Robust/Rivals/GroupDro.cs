using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Group DRO with classes as groups (Sagawa et al., ICLR 2020, arXiv 1911.08731, Algorithm 1): q_k is multiplied by
/// exp(rate H_k) for the classes of the batch and renormalised, then theta descends sum_k q_k H_k.
/// </summary>
/// <remarks>
/// rate 0.01 (the authors' code). A class that is not in the batch keeps its q and contributes nothing, as there. The
/// paper draws one group a step; this is the batch form of the authors' code. Generalisation adjustment: none (their
/// default 0). State: the logarithms of q.
/// </remarks>
internal sealed class GroupDro : ClassMethod
{
    private readonly Tensor _memory;

    public GroupDro(ClassWeightSpec spec, ClassTensors tensors, Device device)
        : base(spec, tensors) =>
        _memory = device.Allocate(DType.Float64, tensors.Prior.Shape, "group-dro");

    public override IReadOnlyList<Tensor> State => [_memory];

    public override void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels) => graph.Apply(
        new GroupDroOp(Spec.Numbers[MethodKeys.Rate], Spec.Policy),
        [.. Tensors.Bind(graph, risks), graph.Bind(_memory)]);
}
