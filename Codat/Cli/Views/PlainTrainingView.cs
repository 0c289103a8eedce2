using System.Globalization;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>A line per event, for logs and pipes: no colours, no cursor moves, nothing that is written over.</summary>
internal sealed class PlainTrainingView(TextWriter output, TimeProvider time) : ITrainingView
{
    private readonly TimeLeft _left = new(time);
    private TrainingStart? _start;
    private string? _what;

    public T Run<T>(Func<T> work) => work();

    public void Start(TrainingStart start)
    {
        _start = start;
        _left.Restart(start.FirstStep);
        output.WriteLine($"{start.Dataset}, {start.Model}, {start.Objective} on {start.Device} -> {start.Run}");
        if (start.FirstStep > 0)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resumed at step {start.FirstStep}"));
    }

    public void Step(in TrainingStep step)
    {
    }

    public void Epoch(EpochMetrics metrics, bool isBest)
    {
        long total = _start?.TotalSteps ?? metrics.Step;
        string left = TimeLeft.Print(_left.Estimate(metrics.Step, total));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"epoch {metrics.Epoch}/{_start?.Epochs ?? metrics.Epoch}  loss {Numbers.Short(metrics.Loss)}"
            + $"{(metrics.Eta is { } eta ? $"  eta {Numbers.Short(eta)}" : "")}"
            + $"  {Accuracy("clean", metrics.Clean)}{Accuracy("robust", metrics.Robust)}"
            + $"{Numbers.Count(metrics.ImagesPerSecond)} images/s  left {left}{(isBest ? "  best" : "")}"));
        output.Flush();
    }

    public void Finish(TrainResult result)
    {
    }

    public void Progress(string what, long done, long total)
    {
        // One line for each piece of work, not one for each batch.
        if (what == _what) return;
        _what = what;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {total} images"));
        output.Flush();
    }

    public void Notice(string line) => output.WriteLine(line);

    private static string Accuracy(string name, AccuracySummary? accuracy)
        => accuracy is null
            ? ""
            : $"{name} {Numbers.Percent(accuracy.Average)} worst {Numbers.Percent(accuracy.Worst)}  ";
}
