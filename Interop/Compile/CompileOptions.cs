using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>How a kernel source is compiled; by default every operation rounds as the source says.</summary>
/// <remarks>Equal options are equal values, whatever the order in which macros were defined.</remarks>
internal readonly record struct CompileOptions
{
    // One NAME=value a line, sorted by name: a text, so that equality is by content.
    private readonly string? _defines;

    /// <summary>Creates the default options.</summary>
    public CompileOptions()
    {
    }

    private CompileOptions(in CompileOptions other, string defines)
    {
        this = other;
        _defines = defines;
    }

    /// <summary>Compute capability times ten (90 for 9.0); 0 means the device's.</summary>
    public int Architecture { get; init; }

    /// <summary>Lets the compiler join a multiplication and an addition into one rounding.</summary>
    public bool FuseMultiplyAdd { get; init; }

    /// <summary>Allows approximate division and square root, and flushes denormal numbers to zero.</summary>
    public bool FastMath { get; init; }

    /// <summary>Macros, sorted by name, as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Defines => string.IsNullOrEmpty(_defines) ? [] : _defines.Split('\n');

    /// <summary>These options with one macro more; a macro of the same name is replaced.</summary>
    public CompileOptions Define(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!IsIdentifier(name)) throw new ArgumentException($"'{name}' is no name of a macro", nameof(name));
        if (value.AsSpan().ContainsAny('\n', '\r', '\0'))
            throw new ArgumentException("the value of a macro is one line", nameof(value));
        var kept = new List<string>();
        foreach (var define in Defines)
            if (!define.StartsWith(name + "=", StringComparison.Ordinal)) kept.Add(define);
        kept.Add($"{name}={value}");
        kept.Sort(static (a, b) => string.CompareOrdinal(NameOf(a), NameOf(b)));
        return new CompileOptions(this, string.Join('\n', kept));
    }

    /// <summary>These options with one macro more; a macro of the same name is replaced.</summary>
    public CompileOptions Define(string name, long value) =>
        Define(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The options as a <c>// variants:</c> line writes them.</summary>
    public override string ToString() =>
        string.Join(' ', ["fmad=" + Text(FuseMultiplyAdd), "fast=" + Text(FastMath), .. Defines]);

    /// <summary>The compiler's arguments, complete and always in the same order.</summary>
    /// <param name="target">What to compile for: <c>sm_90</c> for machine code, <c>compute_90</c> for PTX.</param>
    /// <param name="compiler">The compiler's version: some options came late.</param>
    internal string[] Arguments(string target, NvrtcVersion compiler)
    {
        List<string> arguments =
        [
            $"--gpu-architecture={target}",
            "--std=c++17",
            $"--fmad={Text(FuseMultiplyAdd)}",
            $"--ftz={Text(FastMath)}",
            $"--prec-div={Text(!FastMath)}",
            $"--prec-sqrt={Text(!FastMath)}",
            "-lineinfo",
        ];
        if (compiler.HasMinimal) arguments.Add("--minimal");
        foreach (var define in Defines) arguments.Add("-D" + define);
        return [.. arguments];
    }

    private static string Text(bool flag) => flag ? "true" : "false";

    private static string NameOf(string define) => define[..define.IndexOf('=', StringComparison.Ordinal)];

    private static bool IsIdentifier(string? name)
    {
        if (string.IsNullOrEmpty(name) || char.IsAsciiDigit(name[0])) return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
        return true;
    }
}
