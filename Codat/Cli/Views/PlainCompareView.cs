using System.Globalization;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>A line per event, for logs and pipes.</summary>
internal sealed class PlainCompareView(TextWriter output, TimeProvider time) : ICompareView
{
    private int _planned;
    private int _seen;
    private string? _what;

    public T Run<T>(Func<T> work) => work();

    public void Planned(IReadOnlyList<PlannedRun> runs)
    {
        _planned = runs.Count;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs.Count} runs"));
    }

    public ITrainingObserver Started(PlannedRun run)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"run {_seen + 1}/{_planned}: {run.Label}, seed {run.Seed}"));
        return new ObserverAdapter(new PlainTrainingView(output, time));
    }

    public void Done(PlannedRun run, ComparedRun result, bool before)
    {
        _seen++;
        if (result.Attacks.Count == 0) return;
        AttackView attack = result.Attacks[^1];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(before ? "done before" : "done")}: {run.Label}, seed {run.Seed}: {attack.Name} average "
            + $"{Numbers.Percent(attack.Average)} worst {Numbers.Percent(attack.Worst)}"));
        output.Flush();
    }

    public void Failed(PlannedRun run, string why)
    {
        _seen++;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"failed: {run.Label}, seed {run.Seed}: {why}"));
        output.Flush();
    }

    public void Progressed(string what, long done, long total) => Progress(what, done, total);

    public void Progress(string what, long done, long total)
    {
        // One line for each piece of work, not one for each batch.
        if (what == _what) return;
        _what = what;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {total} images"));
    }

    public void Notice(string line) => output.WriteLine(line);
}
