using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// How an evaluation runs; none of it changes a result but the seed, <see cref="AttackAllImages"/>,
/// <see cref="Surrogate"/> and, on CUDA in the last bits, <see cref="Batch"/>.
/// </summary>
public sealed record EvaluatorOptions
{
    /// <summary>Rows of the physical batch unless something else is asked for.</summary>
    public const int DefaultBatch = 128;

    /// <summary>
    /// Rows of the physical batch. On CUDA the libraries choose their algorithms by it, so that another one may change
    /// what rounding decides; there leave it alone unless memory is short.
    /// </summary>
    public int Batch { get; init; } = DefaultBatch;

    /// <summary>Seed of the attack starts.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Attack images that are wrong when clean too, so that class risks are of all images under attack.
    /// </summary>
    public bool AttackAllImages { get; init; }

    /// <summary>
    /// Note what attacks see on their way, for <see cref="AttackResult.Telemetry"/>; changes no outcome.
    /// </summary>
    public bool Telemetry { get; init; }

    /// <summary>
    /// The network that <see cref="AttackKind.Transfer"/> makes its images on: same images, classes and device. The
    /// caller's, to be disposed of after the evaluator.
    /// </summary>
    public Network? Surrogate { get; init; }

    /// <summary>Called with what is done, images done and images in all.</summary>
    public Action<string, long, long>? Progress { get; init; }

    /// <summary>
    /// Called after every batch of an attack with all that is needed to continue from there
    /// (<see cref="Evaluator.Continue"/>); outcomes of that batch are in it. Clean images are not reported.
    /// </summary>
    public Action<AttackProgress>? AfterBatch { get; init; }
}
