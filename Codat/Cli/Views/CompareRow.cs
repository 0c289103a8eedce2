using System.Globalization;
using Codat.Native.Robust;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Codat.Native.Cli;

/// <summary>One run in the live table of a comparison.</summary>
internal sealed class CompareRow(PlannedRun run)
{
    private const int BarWidth = 12;

    internal PlannedRun Run { get; } = run;

    internal string State { get; set; } = "";

    /// <summary>How much of the training is done, 0 to 1.</summary>
    internal double Share { get; set; }

    internal ComparedRun? Result { get; set; }

    /// <summary>The cells of a wide screen, or of a narrow one: without bar, clean and average.</summary>
    internal IRenderable[] Cells(bool wide)
    {
        AttackView? last = Result?.Attacks.LastOrDefault(a => a.Evaluation is null);
        Text label = new Text(Run.Label).Overflow(Overflow.Ellipsis);
        var seed = new Text(Run.Seed.ToString(CultureInfo.InvariantCulture));
        var worst = new Text(Numbers.Percent(last?.Worst));
        return wide
            ?
            [
                label, seed, StateCell(wide), new Text(Numbers.Percent(Result?.Attack("clean")?.Average)),
                new Text(Numbers.Percent(last?.Average)), worst,
            ]
            : [label, seed, StateCell(wide), worst];
    }

    private Markup StateCell(bool wide)
    {
        string state = Markup.Escape(State);
        if (State == "failed") return new Markup($"[red]{state}[/]");
        if (Result is not null || State.Length == 0) return new Markup($"[grey]{state}[/]");
        if (!wide) return new Markup(state).Overflow(Overflow.Ellipsis);
        int filled = (int)(Math.Clamp(Share, 0, 1) * BarWidth);
        string bar = $"[green]{new string('━', filled)}[/][grey]{new string('─', BarWidth - filled)}[/]";
        return new Markup($"{bar} {state}").Overflow(Overflow.Ellipsis);
    }
}
