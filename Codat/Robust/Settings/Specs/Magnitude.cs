namespace Codat.Native.Robust;

/// <summary>A radius or step for pixels in [0,1], with the text it was given as (<c>8/255</c>, <c>0.1</c>).</summary>
public readonly record struct Magnitude
{
    private const int PixelLevels = 255;

    private readonly string? _text;

    private Magnitude(string text, double value)
    {
        _text = text;
        Value = value;
    }

    /// <summary>The number itself.</summary>
    public double Value { get; }

    /// <summary>The text it was given as, so that a rational stays a rational.</summary>
    public string Text => _text ?? "0";

    /// <summary>A magnitude from a number of at least 0; its text is the shortest that reads back exactly.</summary>
    public static Magnitude Of(double value)
    {
        if (!double.IsFinite(value) || value < 0) throw new ArgumentOutOfRangeException(nameof(value), value, null);
        return new Magnitude(SettingText.Print(value), value);
    }

    /// <summary>The magnitude <paramref name="levels"/>/255.</summary>
    public static Magnitude Levels(int levels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(levels);
        return new Magnitude($"{SettingText.Print(levels)}/255", (double)levels / PixelLevels);
    }

    /// <summary>Reads <c>N/255</c> or a real number of at least 0.</summary>
    /// <exception cref="Interop.CodatException">The text is neither; <paramref name="where"/> is named.</exception>
    public static Magnitude Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            double real = SettingText.Real(text, where, "N/255 or a number of at least 0", value => value >= 0);
            return new Magnitude(text, real);
        }
        if (text.AsSpan(slash + 1) is not "255" || !SettingText.TryReal(text.AsSpan(0, slash), out double levels)
            || levels < 0)
        {
            throw SettingText.Bad(text, where, "N/255 or a number of at least 0", "write 8/255 or 0.03");
        }
        return new Magnitude(text, levels / PixelLevels);
    }

    /// <summary>Reads a magnitude and checks it against a norm: in linf it lies below 1.</summary>
    /// <exception cref="Interop.CodatException">The text is no magnitude of that norm.</exception>
    public static Magnitude Parse(string text, string where, Norm norm)
    {
        Magnitude magnitude = Parse(text, where);
        magnitude.Check(where, norm);
        return magnitude;
    }

    /// <summary>Refuses a linf magnitude of 1 or more, which is a number of pixel levels by mistake.</summary>
    /// <exception cref="Interop.CodatException">The magnitude is too large for the norm.</exception>
    public void Check(string where, Norm norm)
    {
        if (norm != Norm.Linf || Value < 1) return;
        bool bare = !Text.Contains('/', StringComparison.Ordinal) && Value <= PixelLevels;
        throw SettingText.Bad(Text, where, "N/255 or a number below 1 for linf (pixels lie in [0,1])",
            bare ? $"write {Text}/255" : null);
    }

    /// <summary>The text it was given as.</summary>
    public override string ToString() => Text;
}
