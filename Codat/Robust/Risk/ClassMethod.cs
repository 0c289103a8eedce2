using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>How a method weighs the classes of a step, and what it remembers from step to step.</summary>
/// <remarks>This class is CODAT, balanced and plain training; every other method overrides what it does otherwise.
/// Owns its state, not the step's tensors.</remarks>
internal class ClassMethod(ClassWeightSpec spec, ClassTensors tensors) : IDisposable
{
    /// <summary>Tensors that an exact resume needs, saved under their names.</summary>
    public virtual IReadOnlyList<Tensor> State => [];

    protected ClassWeightSpec Spec { get; } = spec;

    protected ClassTensors Tensors { get; } = tensors;

    /// <summary>
    /// Adds what fills the record's weights and multipliers, from the class risks (3, K) of the loss.
    /// </summary>
    /// <param name="graph">The update's graph.</param>
    /// <param name="risks">Sums, sums of squares and counts of the per-sample losses.</param>
    /// <param name="logits">Logits (N, K) of the attacked images.</param>
    /// <param name="labels">Labels (N).</param>
    public virtual void Weigh(GraphBuilder graph, Node risks, Node logits, Node labels) =>
        graph.Apply(new ClassWeightOp(Spec), Tensors.Bind(graph, risks));

    /// <summary>Forgets everything it remembers.</summary>
    public virtual void Restart()
    {
        foreach (var tensor in State) tensor.Clear();
    }

    public void Dispose()
    {
        foreach (var tensor in State) tensor.Dispose();
    }
}
