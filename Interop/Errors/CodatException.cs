namespace Codat.Native.Interop;

/// <summary>
/// An error a person can act on: what failed, where, what was expected, what was found, and how to fix it.
/// </summary>
/// <remarks>
/// The message is one line. <see cref="IsUsage"/> tells bad input (nothing was changed) from a failure while running.
/// </remarks>
public class CodatException : Exception
{
    /// <summary>Creates an error from its parts; parts that do not apply are null.</summary>
    public CodatException(string what, string? where = null, string? expected = null, string? found = null,
        string? fix = null, bool isUsage = true, Exception? inner = null)
        : base(Compose(what, where, expected, found, fix), inner)
    {
        What = what;
        Where = where;
        Expected = expected;
        Found = found;
        Fix = fix;
        IsUsage = isUsage;
    }

    /// <summary>What went wrong, as a short clause.</summary>
    public string What { get; }

    /// <summary>The file, option, tensor or step concerned.</summary>
    public string? Where { get; }

    /// <summary>What would have been right.</summary>
    public string? Expected { get; }

    /// <summary>What was there instead.</summary>
    public string? Found { get; }

    /// <summary>What to do about it.</summary>
    public string? Fix { get; }

    /// <summary>True for bad usage or bad input, false for a failure while running.</summary>
    public bool IsUsage { get; }

    private static string Compose(string what, string? where, string? expected, string? found, string? fix)
    {
        var text = new System.Text.StringBuilder(what);
        if (where is not null) text.Append(" (").Append(where).Append(')');
        if (expected is not null) text.Append("; expected ").Append(expected);
        if (found is not null) text.Append(", found ").Append(found);
        if (fix is not null) text.Append("; ").Append(fix);
        return text.ToString().ReplaceLineEndings(" ");
    }
}
