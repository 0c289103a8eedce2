using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>One attack, compiled for a network, on batches of images.</summary>
/// <remarks>
/// An image's outcome is a function of the network, the image, its sample id and the restart; never of its neighbours.
/// Implementations own their programs, not the network.
/// </remarks>
internal interface IImageAttack : IDisposable
{
    /// <summary>Most images that <see cref="Run"/> takes at once.</summary>
    int Batch { get; }

    /// <summary>Prepares weights anew.</summary>
    void WeightsChanged();

    /// <summary>
    /// Attacks images and joins what happened into their outcomes, as <see cref="AttackOutcome"/> defines them.
    /// </summary>
    /// <param name="images">The split.</param>
    /// <param name="which">Indices of at most <see cref="Batch"/> images.</param>
    /// <param name="restart">Which start.</param>
    /// <param name="stepsBefore">Steps that earlier restarts and parts took on each of them.</param>
    /// <param name="outcome">Outcomes by index; those of other images stay as they are.</param>
    /// <param name="cancellation">Looked at between steps where one batch takes long.</param>
    void Run(IDataset images, ReadOnlySpan<int> which, int restart, int stepsBefore, AttackOutcome outcome,
        CancellationToken cancellation);
}
