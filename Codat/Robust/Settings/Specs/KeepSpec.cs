using System.Text;

namespace Codat.Native.Robust;

/// <summary>Stated shares of the images of single classes (<c>3=0.2,5=0.5</c>); other classes keep all.</summary>
public sealed class KeepSpec : IEquatable<KeepSpec>
{
    private readonly SortedDictionary<int, double> _shares;

    private KeepSpec(SortedDictionary<int, double> shares) => _shares = shares;

    /// <summary>The stated shares, by class index.</summary>
    public IReadOnlyDictionary<int, double> Shares => _shares;

    /// <summary>Reads class=share pairs separated by commas, or <c>off</c> as null.</summary>
    /// <exception cref="Interop.CodatException">A pair is malformed, out of range or given twice.</exception>
    public static KeepSpec? Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == SettingText.Off) return null;
        var shares = new SortedDictionary<int, double>();
        foreach (string pair in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0
                || !SettingText.TryInteger(pair.AsSpan(0, equals), out int index) || index < 0
                || !SettingText.TryReal(pair.AsSpan(equals + 1), out double share) || share is < 0 or > 1)
            {
                throw SettingText.Bad(pair, where, "CLASS=SHARE pairs with shares from 0 to 1, such as 3=0.2,5=0.5");
            }
            if (!shares.TryAdd(index, share)) throw SettingText.Bad(pair, where, "every class once");
        }
        return new KeepSpec(shares);
    }

    /// <inheritdoc/>
    public bool Equals(KeepSpec? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KeepSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The text that reads back as these shares.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((int index, double share) in _shares)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(SettingText.Print(index)).Append('=').Append(SettingText.Print(share));
        }
        return text.ToString();
    }
}
