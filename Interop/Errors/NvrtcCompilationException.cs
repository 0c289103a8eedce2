namespace Codat.Native.Interop;

/// <summary>A kernel source that does not compile: the compiler's log, the options, and the lines it names.</summary>
/// <remarks>The message is the first error on one line; <see cref="Report"/> is everything.</remarks>
public sealed class NvrtcCompilationException : CodatException
{
    internal NvrtcCompilationException(string source, IReadOnlyList<string> options, string log,
        IReadOnlyList<CompileMessage> messages, string excerpt)
        : base("a kernel does not compile", Place(source, messages), found: First(messages, log),
            fix: "see the compiler's log (--verbose)", isUsage: false)
    {
        SourceName = source;
        Options = options;
        Log = log;
        Excerpt = excerpt;
    }

    /// <summary>The name of the source that was compiled.</summary>
    public string SourceName { get; }

    /// <summary>The options it was compiled with.</summary>
    public IReadOnlyList<string> Options { get; }

    /// <summary>What the compiler wrote, whole.</summary>
    public string Log { get; }

    /// <summary>The lines around each error, numbered, the line itself marked.</summary>
    public string Excerpt { get; }

    /// <summary>Options, log and source lines, for a person to read.</summary>
    public string Report => string.Join('\n', $"source:  {SourceName}", $"options: {string.Join(' ', Options)}",
        Log.TrimEnd(), Excerpt.TrimEnd());

    /// <inheritdoc/>
    public override string ToString() => base.ToString() + Environment.NewLine + Report;

    private static string Place(string source, IReadOnlyList<CompileMessage> messages)
    {
        foreach (var message in messages)
            if (message.IsError) return $"{message.File}:{message.Line}";
        return source;
    }

    private static string First(IReadOnlyList<CompileMessage> messages, string log)
    {
        foreach (var message in messages)
            if (message.IsError) return message.Text;
        return log.Trim() is { Length: > 0 } text ? text : "no log";
    }
}
