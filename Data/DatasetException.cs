namespace Codat.Native.Data;

/// <summary>
/// An error in data a person can act on: what failed, where, what was expected, what was found, how to fix it.
/// </summary>
/// <remarks>
/// The message is one line. Has the same members as the exception of the other libraries, which this one does not know.
/// </remarks>
public class DatasetException : Exception
{
    /// <summary>Creates an error from its parts; parts that do not apply are null.</summary>
    public DatasetException(string what, string? where = null, string? expected = null, string? found = null,
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

    /// <summary>The file, option or address concerned.</summary>
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
        if (found is not null) text.Append(expected is null ? "; found " : ", found ").Append(found);
        if (fix is not null) text.Append("; ").Append(fix);
        return text.ToString().ReplaceLineEndings(" ");
    }
}
