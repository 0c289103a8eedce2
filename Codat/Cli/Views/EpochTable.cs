using System.Globalization;
using Codat.Native.Robust;
using Spectre.Console;
using TableColumn = Spectre.Console.TableColumn;

namespace Codat.Native.Cli;

/// <summary>The last epochs as a table; a narrow terminal gets fewer columns, not wrapped ones.</summary>
internal static class EpochTable
{
    // A column takes two blanks and a separator besides its text.
    private const int Gap = 3;

    private static readonly Column[] s_columns =
    [
        new("epoch", 5, 0, m => m.Epoch.ToString(CultureInfo.InvariantCulture)),
        new("lr", 7, 4, m => Numbers.Short(m.Lr)),
        new("loss", 6, 1, m => Numbers.Short(m.Loss)),
        new("clean %", 7, 2, m => Numbers.Percent(m.Clean?.Average)),
        new("worst %", 7, 3, m => Numbers.Percent(m.Clean?.Worst)),
        new("robust %", 8, 0, m => Numbers.Percent(m.Robust?.Average)),
        new("worst %", 7, 0, m => Numbers.Percent(m.Robust?.Worst)),
        new("eta", 6, 3, m => Numbers.Short(m.Eta)) { IsOfRules = true },
        new("images/s", 8, 5, m => Numbers.Count(m.ImagesPerSecond)),
        new("attack", 6, 6, m => TimeLeft.Print(TimeSpan.FromSeconds(m.Seconds.Attack))),
        new("update", 6, 6, m => TimeLeft.Print(TimeSpan.FromSeconds(m.Seconds.Update))),
    ];

    internal static Table Render(IReadOnlyList<(EpochMetrics Metrics, bool IsBest)> epochs, int maxRows, int width)
    {
        Column[] columns = Fitting(width, epochs.Any(epoch => epoch.Metrics.Eta is not null));
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (Column column in columns)
            table.AddColumn(new TableColumn(new Markup($"[grey]{column.Name}[/]")).RightAligned().NoWrap());
        table.AddColumn(new TableColumn("    ").NoWrap());
        foreach ((EpochMetrics metrics, bool isBest) in epochs.Skip(Math.Max(0, epochs.Count - maxRows)))
        {
            var cells = new List<string>();
            foreach (Column column in columns) cells.Add(column.Text(metrics));
            cells.Add(isBest ? "[green]best[/]" : "");
            table.AddRow([.. cells]);
        }
        return table;
    }

    // Columns go in the order of their rank until the rest fits.
    private static Column[] Fitting(int width, bool hasRule)
    {
        for (int rank = 6; ; rank--)
        {
            Column[] columns = Array.FindAll(
                s_columns, column => column.Rank <= rank && (hasRule || !column.IsOfRules));
            int needed = "best".Length + Gap + 1;
            foreach (Column column in columns) needed += column.Width + Gap;
            if (needed <= width || rank == 0) return columns;
        }
    }

    private sealed record Column(string Name, int Width, int Rank, Func<EpochMetrics, string> Text)
    {
        /// <summary>True for what only a run has whose radius a rule chooses.</summary>
        public bool IsOfRules { get; init; }
    }
}
