using System.Globalization;
using Codat.Native.Robust;
using Spectre.Console;

namespace Codat.Native.Cli;

/// <summary>The last epochs as a table.</summary>
internal static class EpochTable
{
    internal static Table Render(IReadOnlyList<(EpochMetrics Metrics, bool IsBest)> epochs, int maxRows)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        string[] columns =
            ["epoch", "lr", "loss", "clean %", "worst %", "robust %", "worst %", "images/s", "attack", "update", ""];
        foreach (string column in columns)
            table.AddColumn(new TableColumn(new Markup($"[grey]{column}[/]")).RightAligned().NoWrap());
        foreach ((EpochMetrics m, bool isBest) in epochs.Skip(Math.Max(0, epochs.Count - maxRows)))
        {
            table.AddRow(
                m.Epoch.ToString(CultureInfo.InvariantCulture),
                Numbers.Short(m.Lr),
                Numbers.Short(m.Loss),
                Numbers.Percent(m.Clean?.Average),
                Numbers.Percent(m.Clean?.Worst),
                Numbers.Percent(m.Robust?.Average),
                $"[bold]{Numbers.Percent(m.Robust?.Worst)}[/]",
                Numbers.Count(m.ImagesPerSecond),
                TimeLeft.Print(TimeSpan.FromSeconds(m.Seconds.Attack)),
                TimeLeft.Print(TimeSpan.FromSeconds(m.Seconds.Update)),
                isBest ? "[green]best[/]" : "");
        }
        return table;
    }
}
