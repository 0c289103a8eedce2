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
    /// <param name="stage">Which start, and what was done before it.</param>
    /// <param name="outcome">Outcomes by index; those of other images stay as they are. Where it has telemetry, that is
    /// written too, by an attack made for it.</param>
    /// <param name="cancellation">Looked at between steps where one batch takes long.</param>
    void Run(IDataset images, ReadOnlySpan<int> which, AttackStage stage, AttackOutcome outcome,
        CancellationToken cancellation);
}
