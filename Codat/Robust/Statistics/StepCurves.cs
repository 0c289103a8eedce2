namespace Codat.Native.Robust;

/// <summary>What an attack saw of the images of one class, or of all, step by step.</summary>
/// <remarks>
/// Shares are fractions. A curve is null where the attack has no such thing: FAB climbs no loss and leaves the ball,
/// Square has no gradients. A point is not-a-number where nothing was seen.
/// </remarks>
/// <param name="Looks">Images looked at.</param>
/// <param name="LossGain">Mean of what the loss is above that of the clean image.</param>
/// <param name="FirstSuccess">Images first misclassified at this step.</param>
/// <param name="AtBound">Share of values that the attack has moved by the whole radius; l2: share of images.</param>
/// <param name="ZeroGradients">Share of images whose gradient is zero everywhere.</param>
/// <param name="BadGradients">Share of images whose gradient is not-a-number or infinite somewhere.</param>
/// <param name="SignFlips">Share of values whose gradient has another sign than at the look before.</param>
public sealed record StepCurves(
    IReadOnlyList<long> Looks, IReadOnlyList<double>? LossGain, IReadOnlyList<long> FirstSuccess,
    IReadOnlyList<double>? AtBound, IReadOnlyList<double>? ZeroGradients, IReadOnlyList<double>? BadGradients,
    IReadOnlyList<double>? SignFlips);
