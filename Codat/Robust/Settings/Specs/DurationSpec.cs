namespace Codat.Native.Robust;

/// <summary>A length of time as typed (<c>30s</c>, <c>10m</c>, <c>2h</c>), or <c>off</c>.</summary>
public readonly record struct DurationSpec
{
    private const string Expected = "a length of time such as 30s, 10m or 2h, or off";

    private readonly string? _text;

    private DurationSpec(string text, TimeSpan value)
    {
        _text = text;
        Value = value;
    }

    /// <summary>No length of time.</summary>
    public static DurationSpec Off => default;

    /// <summary>The time, or null for <c>off</c>.</summary>
    public TimeSpan? Value { get; }

    /// <summary>Reads a length of time.</summary>
    /// <exception cref="Interop.CodatException">The text is no length of time.</exception>
    public static DurationSpec Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == SettingText.Off) return Off;
        double seconds = text.Length == 0 ? 0 : text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => 0,
        };
        if (seconds == 0 || !SettingText.TryReal(text.AsSpan(0, text.Length - 1), out double number)
            || number <= 0 || number * seconds > TimeSpan.MaxValue.TotalSeconds / 2)
        {
            throw SettingText.Bad(text, where, Expected);
        }
        return new DurationSpec(text, TimeSpan.FromSeconds(number * seconds));
    }

    /// <summary>The text it was given as.</summary>
    public override string ToString() => _text ?? SettingText.Off;
}
