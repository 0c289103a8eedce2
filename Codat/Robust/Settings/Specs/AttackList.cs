using System.Collections;

namespace Codat.Native.Robust;

/// <summary>Attacks in the order given, each once; <c>none</c> is the empty list.</summary>
public sealed class AttackList : IReadOnlyList<AttackExpression>, IEquatable<AttackList>
{
    private readonly AttackExpression[] _attacks;

    private AttackList(params AttackExpression[] attacks) => _attacks = attacks;

    /// <summary>No attacks, not even clean images.</summary>
    public static AttackList None { get; } = new();

    /// <inheritdoc/>
    public int Count => _attacks.Length;

    /// <inheritdoc/>
    public AttackExpression this[int index] => _attacks[index];

    /// <summary>Reads attacks separated by commas.</summary>
    /// <param name="text">The list.</param>
    /// <param name="where">The place the text came from.</param>
    /// <param name="allowNone">Whether <c>none</c> is allowed.</param>
    /// <exception cref="Interop.CodatException">An attack is malformed or given twice, or there is none.</exception>
    public static AttackList Parse(string text, string where, bool allowNone = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (allowNone && text == "none") return None;
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        var attacks = new AttackExpression[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            // A row of the results is found by its name, so a name stands once.
            if (Array.IndexOf(parts, parts[i], 0, i) >= 0) throw SettingText.Bad(parts[i], where, "every attack once");
            attacks[i] = AttackExpression.Parse(parts[i], where);
        }
        return new AttackList(attacks);
    }

    /// <inheritdoc/>
    public IEnumerator<AttackExpression> GetEnumerator() => ((IEnumerable<AttackExpression>)_attacks).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _attacks.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(AttackList? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AttackList);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The text that reads back as this list.</summary>
    public override string ToString()
        => _attacks.Length == 0 ? "none" : string.Join<AttackExpression>(',', _attacks);
}
