using System.Globalization;
using Codat.Native.Robust;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Codat.Native.Cli;

/// <summary>A live table in a terminal: a row per run, with the one under way at work.</summary>
internal sealed class TerminalCompareView(IAnsiConsole console, TimeProvider time, CancellationToken cancellation)
    : ICompareView, ITrainingView
{
    private const int FrameRows = 7;
    private const int WideScreen = 100;
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(125);

    // The calls of the runs come from one thread; the one that says "stopping" comes from the signal's.
    private readonly Lock _gate = new();
    private readonly TimeLeft _left = new(time);
    private readonly List<CompareRow> _rows = [];
    private LiveDisplayContext? _live;
    private CompareRow? _current;
    private TrainingStart? _start;
    private string? _note;
    private long _shown;

    public T Run<T>(Func<T> work)
    {
        // Shown first when there is a plan, so that an error before it leaves nothing on the screen.
        return console.Live(new Text("")).AutoClear(false).Overflow(VerticalOverflow.Ellipsis).Start(live =>
        {
            _live = live;
            using CancellationTokenRegistration stopping = cancellation.Register(Show);
            try
            {
                return work();
            }
            finally
            {
                lock (_gate) _live = null;
            }
        });
    }

    public void Planned(IReadOnlyList<PlannedRun> runs)
    {
        foreach (PlannedRun run in runs) _rows.Add(new CompareRow(run));
        Show();
    }

    public ITrainingObserver Started(PlannedRun run)
    {
        _current = Row(run);
        _current.State = "starting";
        Show();
        return new ObserverAdapter(this);
    }

    public void Done(PlannedRun run, ComparedRun result, bool before)
    {
        CompareRow row = Row(run);
        (row.State, row.Share, row.Result) = (before ? "done before" : "done", 1, result);
        Show();
    }

    public void Failed(PlannedRun run, string why)
    {
        (Row(run).State, _note) = ("failed", $"{run.Label}: {why}");
        Show();
    }

    public void Progressed(string what, long done, long total) => Progress(what, done, total);

    public void Start(TrainingStart start)
    {
        _start = start;
        _left.Restart(start.FirstStep);
        Show();
    }

    public void Step(in TrainingStep step)
    {
        if (_current is null || _start is null) return;
        _current.Share = (double)step.Step / Math.Max(1, _start.TotalSteps);
        _current.State = string.Create(CultureInfo.InvariantCulture,
            $"epoch {step.Epoch}/{_start.Epochs}, {TimeLeft.Print(_left.Estimate(step.Step, _start.TotalSteps))} left");
        ShowSometimes();
    }

    public void Epoch(EpochMetrics metrics, bool isBest) => Show();

    public void Finish(TrainResult result)
    {
    }

    public void Progress(string what, long done, long total)
    {
        if (_current is null) return;
        _current.State = total > 0 ? $"{what} {100 * done / total} %" : what;
        ShowSometimes();
    }

    public void Notice(string line) => _note = line;

    private CompareRow Row(PlannedRun run) => _rows.Find(r => r.Run == run)!; // every run was planned

    private void ShowSometimes()
    {
        if (time.GetElapsedTime(_shown) >= s_refresh) Show();
    }

    private void Show()
    {
        lock (_gate)
        {
            _shown = time.GetTimestamp();
            if (_live is null || _rows.Count == 0) return;
            _live.UpdateTarget(Render());
            _live.Refresh();
        }
    }

    private Rows Render()
    {
        int width = console.Profile.Width;
        int done = _rows.Count(r => r.Result is not null);
        var title = new MarkupLine(width).Add(string.Create(CultureInfo.InvariantCulture,
                $"{done}/{_rows.Count} runs"), "bold")
            .Add(cancellation.IsCancellationRequested ? "  stopping after this step; Ctrl-C again leaves now" : "",
                "yellow")
            .Add(_start is null ? "" : $"  {_start.Dataset} · {_start.Device}", "grey");
        bool wide = width >= WideScreen;
        (string Name, int Width)[] columns = wide
            ? [("method", 0), ("seed", 4), ("state", 36), ("clean", 5), ("average", 7), ("worst", 5)]
            : [("method", 0), ("seed", 4), ("state", 23), ("worst", 5)];
        // Every column but the first has its width, so that no row becomes two; three are for frame and gaps.
        int left = width - columns.Sum(column => column.Width + 3) - 2;
        var table = new Table().Border(TableBorder.Simple);
        foreach ((string name, int fixedWidth) in columns)
            table.AddColumn(name, column => column.NoWrap().Width(fixedWidth == 0 ? Math.Max(left, 6) : fixedWidth));
        foreach (CompareRow row in Window()) table.AddRow(row.Cells(wide));
        var parts = new List<IRenderable> { title.ToMarkup(), table };
        if (_note is not null) parts.Add(new MarkupLine(width).Add(_note, "grey").ToMarkup());
        return new Rows(parts);
    }

    /// <summary>As many rows as the screen has room for, around the one under way.</summary>
    private IEnumerable<CompareRow> Window()
    {
        int room = Math.Max(3, console.Profile.Height - FrameRows);
        int at = _current is null ? 0 : _rows.IndexOf(_current);
        int first = Math.Clamp(at - room / 2, 0, Math.Max(0, _rows.Count - room));
        return _rows.Skip(first).Take(room);
    }
}
