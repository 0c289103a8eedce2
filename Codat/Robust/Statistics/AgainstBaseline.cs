namespace Codat.Native.Robust;

/// <summary>Average and worst class of a method measured against those of a baseline.</summary>
/// <param name="Rho">
/// (W - W0)/W0 - (A0 - A)/A0: relative gain of the worst class less relative loss of the average (DAFA, ICLR 2024);
/// not-a-number where the baseline's worst class or average is 0.
/// </param>
/// <param name="Elasticity">
/// ((W - W0)/W0) / ((A - A0)/A0): relative change of the worst class for each relative change of the average. A measure
/// of our own, not the fairness elasticity coefficient of any paper. Not-a-number where the average moved by less than
/// <see cref="SmallestChange"/> of itself, as a quotient of noise would be left.
/// </param>
public readonly record struct AgainstBaseline(double Rho, double Elasticity)
{
    /// <summary>Relative changes of the average below this one have no elasticity.</summary>
    public const double SmallestChange = 0.005;

    /// <summary>The measures from worst class and average of both.</summary>
    public static AgainstBaseline Of(double worst, double average, double baseWorst, double baseAverage)
    {
        var (gain, change) = ((worst - baseWorst) / baseWorst, (average - baseAverage) / baseAverage);
        if (!double.IsFinite(gain) || !double.IsFinite(change)) return new AgainstBaseline(double.NaN, double.NaN);
        var elasticity = Math.Abs(change) < SmallestChange ? double.NaN : gain / change;
        return new AgainstBaseline(gain + change, elasticity);
    }
}
