using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>What a method that weighs classes works on; the step owns it.</summary>
/// <param name="Prior">Class priors (K), double.</param>
/// <param name="Radius">The radius of the ball (1), double.</param>
/// <param name="Record">What a step leaves behind.</param>
internal sealed record ClassTensors(Tensor Prior, Tensor Radius, StepRecord Record)
{
    /// <summary>The inputs that every weight op begins with.</summary>
    public Node[] Bind(GraphBuilder graph, Node risks) =>
    [
        risks, graph.Bind(Prior), graph.Bind(Radius), graph.Bind(Record.Table), graph.Bind(Record.Numbers),
        graph.Bind(Record.Status), graph.Bind(Record.Averages),
    ];
}
