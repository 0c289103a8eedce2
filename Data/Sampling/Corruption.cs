namespace Codat.Native.Data;

/// <summary>A way in which images differ from those a network was trained on.</summary>
/// <param name="Kind">What happens to them.</param>
/// <param name="Severity">How much, from 1 to <see cref="MostSevere"/>.</param>
public readonly record struct Corruption(CorruptionKind Kind, int Severity)
{
    /// <summary>The largest severity.</summary>
    public const int MostSevere = 3;
}
