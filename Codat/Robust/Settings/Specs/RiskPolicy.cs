namespace Codat.Native.Robust;

/// <summary>Where class risks come from: the means of the batch, or exponential averages (<c>ema:0.9</c>).</summary>
/// <param name="Decay">The decay per step in [0,1), or null for the means of the batch.</param>
public readonly record struct RiskPolicy(double? Decay)
{
    private const string Prefix = "ema:";

    /// <summary>Class means of the mini-batch.</summary>
    public static RiskPolicy Batch => default;

    /// <summary>Reads <c>batch</c> or <c>ema:D</c>.</summary>
    /// <exception cref="Interop.CodatException">The text is neither.</exception>
    public static RiskPolicy Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "batch") return Batch;
        if (text.StartsWith(Prefix, StringComparison.Ordinal)
            && SettingText.TryReal(text.AsSpan(Prefix.Length), out double decay) && decay is >= 0 and < 1)
        {
            return new RiskPolicy(decay);
        }
        throw SettingText.Bad(text, where, "batch, or ema:D with D from 0 to below 1");
    }

    /// <summary>The text that reads back as this policy.</summary>
    public override string ToString() => Decay is double decay ? Prefix + SettingText.Print(decay) : "batch";
}
