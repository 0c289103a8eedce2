using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>The size of the validation split: a share of the training images (<c>10%</c>), a count, or none.</summary>
/// <param name="Percent">The share in percent, above 0 and below 100, or null.</param>
/// <param name="Count">The count, or null.</param>
public readonly record struct ValSpec(double? Percent, int? Count)
{
    /// <summary>No validation split.</summary>
    public static ValSpec None => default;

    /// <summary>True where there is no validation split.</summary>
    public bool IsNone => Percent is null && Count is null;

    /// <summary>Reads a size.</summary>
    /// <exception cref="Interop.CodatException">The text is no size of a split.</exception>
    public static ValSpec Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "none") return None;
        if (text.EndsWith('%'))
        {
            if (SettingText.TryReal(text.AsSpan(0, text.Length - 1), out double percent) && percent is > 0 and < 100)
                return new ValSpec(percent, null);
        }
        else if (SettingText.TryInteger(text, out int count) && count >= 1)
        {
            return new ValSpec(null, count);
        }
        throw SettingText.Bad(text, where, "a share such as 10%, a count of at least 1, or none");
    }

    /// <summary>What the stratified split takes.</summary>
    internal SplitSize ToSplitSize()
        => Count is int count ? SplitSize.OfCount(count)
            : Percent is double percent ? SplitSize.OfShare(percent / 100) : SplitSize.None;

    /// <summary>The text that reads back as this size.</summary>
    public override string ToString()
        => Percent is double percent ? SettingText.Print(percent) + "%"
            : Count is int count ? SettingText.Print(count) : "none";
}
