using Codat.Native.Autograd;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>How a method weighs the classes of a step, and what it remembers from step to step.</summary>
/// <remarks>This class is CODAT, balanced and plain training; every other method overrides what it does otherwise.
/// Owns its state, not the step's tensors.</remarks>
internal class ClassMethod(ClassWeightSpec spec, ClassTensors tensors) : IDisposable
{
    /// <summary>Tensors that an exact resume needs, saved under their names.</summary>
    public virtual IReadOnlyList<Tensor> State => [];

    /// <summary>Whether <see cref="EndEpoch"/> wants the step's own loss on the validation images.</summary>
    public virtual bool WantsLosses => false;

    /// <summary>What radius and step of the attack are multiplied by for each class (2, K), as
    /// <see cref="AttackBudget"/> reads them; null for 1.</summary>
    public virtual Tensor? Budget => null;

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

    /// <summary>
    /// What the clean term and the KL term of the TRADES loss of each sample are multiplied by, (N), constants in the
    /// gradient; null for 1. Where the loss is one cross-entropy, that is the clean term.
    /// </summary>
    /// <param name="graph">The update's graph.</param>
    /// <param name="labels">Labels (N).</param>
    /// <param name="type">The type of the losses.</param>
    public virtual (Node? Clean, Node? Pull) TermFactors(GraphBuilder graph, Node labels, DType type) => (null, null);

    /// <summary>Who draws the batches where they depend on what the method has learned; null for every image once an
    /// epoch.</summary>
    public virtual ClassSampler? CreateSampler(IDataset images, int batch, ulong seed) => null;

    /// <summary>Tells the sampler what to draw the next batch by; waits for the step before.</summary>
    public virtual void Direct(ClassSampler sampler)
    {
    }

    /// <summary>Takes in what an epoch has come to; once per epoch, before the state is saved.</summary>
    public virtual void EndEpoch(EpochClasses classes)
    {
    }

    /// <summary>Forgets everything it remembers.</summary>
    public virtual void Restart()
    {
        foreach (var tensor in State) tensor.Clear();
    }

    public void Dispose()
    {
        foreach (var tensor in State) tensor.Dispose();
    }

    /// <summary>A number of each sample by its class: a row of a table of doubles (R, K).</summary>
    protected static Node ByClass(GraphBuilder graph, Tensor table, int row, Node labels, DType type) =>
        graph.Apply(new GatherByLabelOp(type), graph.Row(graph.Bind(table), row), labels);
}
