using System.Globalization;
using Codat.Native.Robust;
using Spectre.Console;

namespace Codat.Native.Cli;

/// <summary>A bar for each class: robust accuracy full, what clean accuracy adds pale, and the weight.</summary>
internal static class ClassBars
{
    private const int MaxInOneColumn = 10;
    private const int NameWidth = 14;
    private const int MaxBarWidth = 20;
    private const int ValuesWidth = 16;
    private const int WeightWidth = 14;
    private const int Gap = 3;
    private const int WideCell = NameWidth + 1 + MaxBarWidth + ValuesWidth + WeightWidth;

    /// <summary>The rows all classes would take, with the line above them.</summary>
    internal static int RowsOf(int classes, int width)
    {
        int columns = ColumnsOf(classes, width);
        return 1 + ((classes + columns - 1) / columns);
    }

    internal static Grid Render(EpochMetrics metrics, IReadOnlyList<string> names, int maxRows, int width)
    {
        int columns = ColumnsOf(names.Count, width);
        int cell = (width - (Gap * columns)) / columns;
        int bar = Math.Clamp(cell - (WideCell - MaxBarWidth), 0, MaxBarWidth);
        bool hasWeights = bar >= MaxBarWidth / 2;
        if (!hasWeights) bar = Math.Clamp(cell - NameWidth - 1 - ValuesWidth, 0, MaxBarWidth);
        int shown = Math.Min(names.Count, Math.Max(1, maxRows - 1) * columns);
        int[] order = Order(metrics, names.Count, shown);
        int worst = WorstOf(metrics, names.Count);
        var grid = new Grid();
        for (int c = 0; c < columns; c++) grid.AddColumn(new GridColumn().NoWrap().PadRight(Gap).PadLeft(0));
        int rows = (shown + columns - 1) / columns;
        var head = new Markup[columns];
        Array.Fill(head, new Markup($"[grey]{"class",-NameWidth} {new string(' ', bar)} robust / clean %[/]"));
        grid.AddRow(head);
        for (int r = 0; r < rows; r++)
        {
            var cells = new Markup[columns];
            for (int c = 0; c < columns; c++)
            {
                int i = (c * rows) + r;
                cells[c] = new Markup(i < shown
                    ? Cell(metrics, names[order[i]], order[i], order[i] == worst, bar, hasWeights)
                    : "");
            }
            grid.AddRow(cells);
        }
        return grid;
    }

    // All classes in their own order where they fit; else the weakest ones.
    private static int[] Order(EpochMetrics metrics, int classes, int shown)
    {
        int[] order = [.. Enumerable.Range(0, classes)];
        if (shown < classes) Array.Sort(Array.ConvertAll(order, k => Sortable(Value(metrics.Robust, k))), order);
        return order;
    }

    private static double Sortable(double accuracy) => double.IsNaN(accuracy) ? double.PositiveInfinity : accuracy;

    private static int WorstOf(EpochMetrics metrics, int classes)
    {
        int worst = -1;
        for (int k = 0; k < classes; k++)
        {
            double value = Value(metrics.Robust, k);
            if (double.IsFinite(value) && (worst < 0 || value < Value(metrics.Robust, worst))) worst = k;
        }
        return worst;
    }

    private static double Value(AccuracySummary? accuracy, int k)
        => accuracy is not null && k < accuracy.PerClass.Length ? accuracy.PerClass[k] : double.NaN;

    private static string Cell(EpochMetrics metrics, string name, int k, bool isWorst, int bar,
        bool hasWeight)
    {
        double clean = Value(metrics.Clean, k), robust = Value(metrics.Robust, k);
        int full = Length(robust, bar);
        int pale = Math.Max(0, Length(clean, bar) - full);
        string colour = isWorst ? "red" : "green";
        string weight = hasWeight && k < metrics.Weight.Length ? $"  weight {Weight(metrics.Weight[k].Mean)}" : "";
        string label = name.Length > NameWidth ? name[..(NameWidth - 1)] + "…" : name.PadRight(NameWidth);
        return $"{Markup.Escape(label)} [{colour}]{new string('█', full)}[/][grey]{new string('▒', pale)}[/]"
            + $"{new string(' ', bar - full - pale)} {Numbers.Percent(robust),5} / {Numbers.Percent(clean),5}"
            + $"[grey]{weight}[/]";
    }

    private static string Weight(double mean) => mean.ToString("0.000", CultureInfo.InvariantCulture);

    private static int ColumnsOf(int classes, int width)
        => classes > MaxInOneColumn && width >= 2 * (WideCell + Gap) ? 2 : 1;

    private static int Length(double share, int bar) => double.IsFinite(share) ? (int)Math.Round(share * bar) : 0;
}
