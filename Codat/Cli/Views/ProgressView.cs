namespace Codat.Native.Cli;

/// <summary>Progress of everything but training: a line that is written over, or one per task.</summary>
internal sealed class ProgressView : IProgressView
{
    private const string ClearLine = "\r\u001b[K";
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(125);

    private readonly Session _session;
    private readonly TimeLeft _left;
    private string? _what;
    private long _shown;

    private ProgressView(Session session)
    {
        _session = session;
        _left = new TimeLeft(session.Context.Time);
    }

    internal static ProgressView Create(Session session) => new(session);

    /// <inheritdoc/>
    public void Notice(string line) => _session.Notice(line);

    /// <inheritdoc/>
    public void Progress(string what, long done, long total)
    {
        if (_session.Quiet) return;
        bool isNew = what != _what;
        if (isNew)
        {
            _what = what;
            _left.Restart(done);
        }
        if (!_session.Context.ErrorIsTerminal)
        {
            if (isNew) _session.Context.Error.WriteLine(what);
            return;
        }
        bool isDone = done >= total;
        if (!isNew && !isDone && _session.Context.Time.GetElapsedTime(_shown) < s_refresh) return;
        _shown = _session.Context.Time.GetTimestamp();
        long percent = total > 0 ? 100 * done / total : 0;
        _session.Context.Error.Write(isDone
            ? ClearLine
            : $"{ClearLine}{what}  {percent} %  left {TimeLeft.Print(_left.Estimate(done, total))}");
    }
}
