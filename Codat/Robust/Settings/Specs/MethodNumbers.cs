using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>A method's own numbers by name, as <c>--set</c> gives them; what is not given is the method's
/// default.</summary>
/// <remarks>Equal where the numbers given are equal. Immutable.</remarks>
public sealed class MethodNumbers : IEquatable<MethodNumbers>
{
    private readonly SortedDictionary<string, double> _given = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, double> _all = new(StringComparer.Ordinal);

    private MethodNumbers()
    {
    }

    /// <summary>No numbers.</summary>
    public static MethodNumbers None { get; } = new();

    /// <summary>The names given, in order.</summary>
    public IReadOnlyCollection<string> Keys => _given.Keys;

    /// <summary>A number, given or by default.</summary>
    /// <exception cref="KeyNotFoundException">Neither is there.</exception>
    public double this[string key] => _all[key];

    /// <summary>Reads <c>key=number,key=number</c>; <c>none</c> is empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">Where it came from, for errors.</param>
    /// <exception cref="Interop.CodatException">It is not of that form.</exception>
    public static MethodNumbers Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        var numbers = new MethodNumbers();
        if (text.Length == 0 || text == "none") return numbers;
        foreach (var part in text.Split(','))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !SettingText.TryReal(part.AsSpan(at + 1), out var value))
                throw SettingText.Bad(part, where, "KEY=NUMBER, several separated by commas");
            if (!numbers._given.TryAdd(part[..at].Trim(), value))
                throw SettingText.Bad(text, where, $"each key once, found {part[..at]} twice");
        }
        foreach (var (key, value) in numbers._given) numbers._all.Add(key, value);
        return numbers;
    }

    /// <summary>The same numbers over a method's defaults, which the run then uses.</summary>
    internal MethodNumbers Over(IEnumerable<MethodNumber> defaults)
    {
        var merged = new MethodNumbers();
        foreach (var number in defaults) merged._all[number.Key] = number.Default;
        foreach (var (key, value) in _given)
        {
            merged._given.Add(key, value);
            merged._all[key] = value;
        }
        return merged;
    }

    /// <inheritdoc/>
    public bool Equals(MethodNumbers? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MethodNumbers);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    /// <summary>The numbers given, as they are read again.</summary>
    public override string ToString() => _given.Count == 0
        ? "none"
        : string.Join(',', _given.Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Key}={n.Value:R}")));
}
