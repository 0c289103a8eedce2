namespace Codat.Native.Robust;

/// <summary>A radius under which at least a share f of the classes stays effective: eta = 1/f - 1.</summary>
/// <remarks>
/// Kish's effective size of a weighted sample over its nominal size is 1 / sum p^2/p0 for weights p where p0 would be
/// even (Kish 1965, Survey Sampling). Inside the ball sum p^2/p0 = 1 + sum (p - p0)^2/p0 is at most 1 + eta, on its
/// boundary exactly that, so the share never falls below 1/(1 + eta): in any batch, for exact and published weights and
/// any prior.
/// <para>share 0.75, eta 1/3: the gradient is as noisy as one from three quarters of the batch, which costs little. It
/// depends on nothing: no data, no schedule.</para>
/// </remarks>
internal sealed class EffectiveShare(MethodNumbers numbers) : RadiusRule
{
    public override double Begin { get; } = ChiSquareBall.RadiusOfShare(numbers[MethodKeys.Share]);
}
