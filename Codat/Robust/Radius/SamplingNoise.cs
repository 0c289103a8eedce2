namespace Codat.Native.Robust;

/// <summary>As large a radius as the sampling noise of the class risks permits.</summary>
/// <remarks>
/// Unclipped, a class weighs p/p0 = 1 + sqrt(eta/S) (H - E) with S the variance of the classes' true risks. Sampling
/// alone moves H - E, root mean square over classes by the prior, by sqrt(N), N = sum p0 (1 - p0) s^2/n as in
/// <see cref="DebiasedRadius"/>. It moves p/p0 by at most delta where eta is at most delta^2 S/N.
/// <para>S is what N leaves of the variance of the batches' class means, both as means over the steps of the epoch
/// before, and 0 at the least: where classes differ by no more than chance they weigh the same. With risks averaged by
/// decay d (--risk ema:d) the noise that reaches the weights is N (1 - d)/(1 + d).</para>
/// <para>delta 1/3: a class as hard as the mean has its weight turned to 0 or doubled only by noise of three
/// deviations. cap 1/3: the other reason for a small radius, the default of <see cref="EffectiveShare"/>, holds too;
/// early on, while the network takes all images for a few classes, S is so large that it decides. First epoch: 0, as
/// nothing is known of the noise. Steps in which no class has two images tell nothing; without any other the radius
/// stays 0.</para>
/// </remarks>
internal sealed class SamplingNoise(MethodNumbers numbers, RiskPolicy risk) : RadiusRule
{
    private const int Variance = 0, Noise = 1;

    private readonly double _delta = numbers[MethodKeys.Delta], _cap = numbers[MethodKeys.Cap];
    private readonly double _kept = risk.Decay is { } decay ? (1 - decay) / (1 + decay) : 1;

    public override double Begin => 0;

    public override double[] State { get; } = new double[2];

    public override void Observe(ReadOnlySpan<double> numbers)
    {
        var (variance, noise) = (numbers[StepRecord.BatchVarianceAt], numbers[StepRecord.NoiseAt]);
        if (!double.IsFinite(variance) || !double.IsFinite(noise)) return;
        State[Variance] += variance;
        State[Noise] += noise;
    }

    public override double Next(double radius, ClassAccuracy? robust)
    {
        var signal = State[Variance] - State[Noise];
        // Noise of 0 divides to infinity, which the cap ends.
        var next = signal > 0 ? Math.Min(_cap, _delta * _delta * (signal / (State[Noise] * _kept))) : 0;
        Array.Clear(State);
        return next;
    }

    public override bool IsPossible(double radius) =>
        radius >= 0 && radius <= _cap && State[Variance] >= 0 && State[Noise] >= 0;
}
