namespace Codat.Native.Robust;

/// <summary>An artificial imbalance: class k of K keeps r^(k/(K-1)) of its images (<c>exp:0.01</c>).</summary>
/// <param name="Ratio">The share r the last class keeps, in (0,1].</param>
public readonly record struct ImbalanceSpec(double Ratio)
{
    private const string Prefix = "exp:";

    /// <summary>Reads <c>exp:R</c>, or <c>off</c> as null.</summary>
    /// <exception cref="Interop.CodatException">The text is neither.</exception>
    public static ImbalanceSpec? Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == SettingText.Off) return null;
        if (text.StartsWith(Prefix, StringComparison.Ordinal)
            && SettingText.TryReal(text.AsSpan(Prefix.Length), out double ratio) && ratio is > 0 and <= 1)
        {
            return new ImbalanceSpec(ratio);
        }
        throw SettingText.Bad(text, where, "exp:R with R above 0 and at most 1, or off");
    }

    /// <summary>The text that reads back as this imbalance.</summary>
    public override string ToString() => Prefix + SettingText.Print(Ratio);
}
