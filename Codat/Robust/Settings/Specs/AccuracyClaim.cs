namespace Codat.Native.Robust;

/// <summary>A statement about robust accuracy as typed: <c>worst >= 0.3</c>, <c>class:3 &lt;= 0.5</c>.</summary>
public sealed record AccuracyClaim
{
    private const string Expected = "\"worst|average|class:K >=|<= X\" with X from 0 to 1";
    private const string ClassPrefix = "class:";

    private AccuracyClaim(ClaimKind kind, int classIndex, bool atLeast, double value, string text) =>
        (Kind, Class, AtLeast, Value, Text) = (kind, classIndex, atLeast, value, text);

    /// <summary>Which accuracy.</summary>
    public ClaimKind Kind { get; }

    /// <summary>The class of <see cref="ClaimKind.Class"/>; 0 otherwise.</summary>
    public int Class { get; }

    /// <summary>True for at least, false for at most.</summary>
    public bool AtLeast { get; }

    /// <summary>The accuracy it is compared with, a fraction.</summary>
    public double Value { get; }

    /// <summary>The statement as typed.</summary>
    public string Text { get; }

    /// <summary>Reads a statement; spaces are optional.</summary>
    /// <exception cref="Interop.CodatException">The text is none.</exception>
    public static AccuracyClaim Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.AsSpan().IndexOfAny('<', '>');
        if (at < 0 || at + 1 >= text.Length || text[at + 1] != '=') throw SettingText.Bad(text, where, Expected);
        var value = SettingText.Real(text[(at + 2)..].Trim(), where, Expected, x => x is >= 0 and <= 1);
        var subject = text[..at].Trim();
        var (kind, index) = subject switch
        {
            "worst" => (ClaimKind.Worst, 0),
            "average" => (ClaimKind.Average, 0),
            _ when subject.StartsWith(ClassPrefix, StringComparison.Ordinal)
                && SettingText.TryInteger(subject.AsSpan(ClassPrefix.Length), out var k) && k >= 0
                => (ClaimKind.Class, k),
            _ => throw SettingText.Bad(text, where, Expected),
        };
        return new AccuracyClaim(kind, index, text[at] == '>', value, text);
    }

    /// <summary>The statement as typed.</summary>
    public override string ToString() => Text;
}
