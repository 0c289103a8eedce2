using Codat.Native.Robust;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Codat.Native.Cli;

/// <summary>A live table in a terminal: progress, time left, the last epochs, and a bar for each class.</summary>
internal sealed class TerminalTrainingView(IAnsiConsole console, TimeProvider time, CancellationToken cancellation)
    : ITrainingView
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(125);

    // The calls of the run come from one thread; the one that says "stopping" comes from the signal's.
    private readonly Lock _gate = new();
    private readonly TimeLeft _left = new(time);
    private readonly List<(EpochMetrics Metrics, bool IsBest)> _epochs = [];
    private LiveDisplay? _display;
    private LiveDisplayContext? _live;
    private TrainingStart? _start;
    private TrainingStep _step;
    private string? _activity;
    private string? _note;
    private long _shown;

    public T Run<T>(Func<T> work)
    {
        // What is shown stays, but an error before the run starts leaves nothing on the screen.
        _display = console.Live(new Text("")).AutoClear(true).Overflow(VerticalOverflow.Ellipsis);
        return _display.Start(live =>
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

    public void Start(TrainingStart start)
    {
        _start = start;
        _step = new TrainingStep(1 + (int)(start.FirstStep / start.StepsPerEpoch), start.FirstStep, double.NaN,
            double.NaN);
        _left.Restart(start.FirstStep);
        _display?.AutoClear(false);
        Show();
    }

    public void Step(in TrainingStep step)
    {
        _step = step;
        _activity = null;
        ShowSometimes();
    }

    public void Epoch(EpochMetrics metrics, bool isBest)
    {
        lock (_gate)
        {
            _activity = null;
            if (isBest)
            {
                for (int i = 0; i < _epochs.Count; i++) _epochs[i] = _epochs[i] with { IsBest = false };
            }
            _epochs.Add((metrics, isBest));
        }
        Show();
    }

    public void Finish(TrainResult result)
    {
        _activity = result.Stopped;
        Show();
    }

    public void Progress(string what, long done, long total)
    {
        _activity = total > 0 ? $"{what} {100 * done / total} %" : what;
        if (done == total) Show();
        else ShowSometimes();
    }

    private void ShowSometimes()
    {
        if (_shown == 0 || time.GetElapsedTime(_shown) >= s_refresh) Show();
    }

    private void Show()
    {
        lock (_gate)
        {
            _shown = time.GetTimestamp();
            if (_live is null || _start is null) return;
            _live.UpdateTarget(Render(_start));
            _live.Refresh();
        }
    }

    public void Notice(string line) => _note = line;

    private Rows Render(TrainingStart start)
    {
        int width = console.Profile.Width;
        // Title, status, note, the frame of the table and the cursor's own line take seven or eight.
        int rows = Math.Max(console.Profile.Height - (_note is null ? 7 : 8), 2);
        var parts = new List<IRenderable> { Title(start, width).ToMarkup(), Status(start, width).ToMarkup() };
        if (_note is not null) parts.Add(new MarkupLine(width).Add(_note, "grey").ToMarkup());
        if (_epochs.Count == 0) return new Rows(parts);
        int classRows = Math.Min(ClassBars.RowsOf(start.ClassNames.Count, width), rows - Math.Min(_epochs.Count, 3));
        parts.Add(EpochTable.Render(_epochs, Math.Min(rows - Math.Max(classRows, 0), 12), width));
        if (classRows > 1) parts.Add(ClassBars.Render(_epochs[^1].Metrics, start.ClassNames, classRows, width));
        return new Rows(parts);
    }

    private static MarkupLine Title(TrainingStart start, int width) => new MarkupLine(width)
        .Add(start.Objective, "bold")
        .Add($" {start.Dataset} · {start.Model}")
        .Add($" · {start.Device}")
        .Add($" {start.Run}", "grey");

    private MarkupLine Status(TrainingStart start, int width)
    {
        const int BarWidth = 24;
        double share = start.TotalSteps > 0 ? Math.Clamp((double)_step.Step / start.TotalSteps, 0, 1) : 0;
        int filled = (int)(share * BarWidth);
        return new MarkupLine(width)
            .Add(new string('━', filled), "green")
            .Add(new string('─', BarWidth - filled), "grey")
            .Add($" {100 * share:0} %")
            .Add($"  {TimeLeft.Print(_left.Estimate(_step.Step, start.TotalSteps))} left", "bold")
            .Add(cancellation.IsCancellationRequested ? "  stopping after this step; Ctrl-C again leaves now" : "",
                "yellow")
            .Add(_activity is null ? "" : $"  {_activity}", "blue")
            .Add($"  epoch {Math.Min(_step.Epoch, start.Epochs)}/{start.Epochs}")
            .Add($"  step {_step.Step}/{start.TotalSteps}")
            .Add($"  loss {Numbers.Short(_step.Loss)}  lr {Numbers.Short(_step.Lr)}");
    }
}
