namespace Codat.Native.Robust;

/// <summary>Where the class risks of a step come from, and what stands in for a class that is missing from the
/// batch.</summary>
/// <param name="Source">Batch means, or running averages of them.</param>
/// <param name="Missing">What a class without samples gets; only asked for
/// <see cref="ClassRiskSource.Batch"/>.</param>
/// <param name="Decay">What an average keeps of itself per update, in [0, 1).</param>
public readonly record struct ClassRiskPolicy(ClassRiskSource Source, MissingClass Missing, double Decay)
{
    /// <summary>The decay of the averages that fill in for missing classes.</summary>
    public const double FillDecay = 0.9;

    /// <summary>Batch means; absent classes are left out and the prior is renormalised over those present.</summary>
    public static ClassRiskPolicy Batch => new(ClassRiskSource.Batch, MissingClass.Renormalise, FillDecay);

    /// <summary>Batch means; absent classes are filled from their exponential average, never-seen ones left
    /// out.</summary>
    public static ClassRiskPolicy BatchFilled => new(ClassRiskSource.Batch, MissingClass.Ema, FillDecay);

    /// <summary>Exponential averages for every class seen so far.</summary>
    public static ClassRiskPolicy Average(double decay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decay);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(decay, 1);
        return new ClassRiskPolicy(ClassRiskSource.Ema, MissingClass.Ema, decay);
    }

    /// <summary>True when the policy reads or updates the averages, so that they belong to the saved state.</summary>
    public bool UsesAverages => Source == ClassRiskSource.Ema || Missing == MissingClass.Ema;
}
