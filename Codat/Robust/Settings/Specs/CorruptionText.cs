using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Corruptions as they are typed: <c>noise:2</c>.</summary>
internal static class CorruptionText
{
    private static readonly NameTable<CorruptionKind> s_kinds = new(("noise", CorruptionKind.Noise),
        ("blur", CorruptionKind.Blur), ("contrast", CorruptionKind.Contrast), ("shift", CorruptionKind.Shift),
        ("rotation", CorruptionKind.Rotation));

    /// <summary>Reads KIND:SEVERITY.</summary>
    /// <exception cref="Interop.CodatException">The text is something else.</exception>
    public static Corruption Parse(string text, string where)
    {
        var at = text.IndexOf(':', StringComparison.Ordinal);
        if (at < 0) throw SettingText.Bad(text, where, "KIND:SEVERITY, such as noise:2");
        var severity = SettingText.Integer(text[(at + 1)..], where, 1, Corruption.MostSevere);
        return new Corruption(s_kinds.Parse(text[..at], where), severity);
    }
}
