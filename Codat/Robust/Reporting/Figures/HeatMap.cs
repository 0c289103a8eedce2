namespace Codat.Native.Robust;

/// <summary>How one cell of a heat map looks: tone, strength (0 to 1), words; without a tip there is no cell.</summary>
internal readonly record struct HeatCell(string Tone, double Strength, string Text, string Tip);

/// <summary>A table of coloured cells with names at the left and on top.</summary>
internal sealed record HeatMap
{
    private const double FontSize = 12;
    private const double LeastWidth = 500;
    private const double RightMargin = 14;

    public required string Title { get; init; }
    public required string Description { get; init; }
    public required IReadOnlyList<string> Rows { get; init; }
    public required IReadOnlyList<string> Columns { get; init; }
    public required Func<int, int, HeatCell> Cell { get; init; }

    /// <summary>Width of one cell.</summary>
    public double CellWidth { get; init; } = 44;

    /// <summary>Height of one cell.</summary>
    public double CellHeight { get; init; } = 30;

    /// <summary>True where the names of the columns stand slanted, as long ones must.</summary>
    public bool SlantedColumns { get; init; }

    /// <summary>What the columns are.</summary>
    public string ColumnName { get; init; } = "";

    /// <summary>Every which column gets a name, and every which row where rows are too low for all names.</summary>
    public int NameEvery { get; init; } = 1;

    /// <summary>The figure.</summary>
    public Html Render()
    {
        var left = Math.Clamp(Rows.Max(row => SvgCanvas.TextWidth(row)) + 12, 40, 150);
        var slant = SlantedColumns ? Math.Min(150, Columns.Max(column => SvgCanvas.TextWidth(column))) * 0.72 : 0;
        var top = SlantedColumns ? slant + 14 : 22;
        // A map of few cells stays as small as its cells: the page would blow it up to the width of its frame.
        var width = Math.Max(LeastWidth, left + Columns.Count * CellWidth + slant + RightMargin);
        var height = top + Rows.Count * CellHeight + (ColumnName.Length > 0 ? 24 : 6);
        var canvas = new SvgCanvas(width, height, Title, Description);
        for (var j = 0; j < Columns.Count; j += NameEvery)
            ColumnLabel(canvas, j, left + (j + 0.5) * CellWidth, top - 8);
        for (var i = 0; i < Rows.Count; i++)
        {
            var middle = top + (i + 0.5) * CellHeight;
            if (CellHeight >= 10 || i % NameEvery == 0)
                canvas.Text(left - 8, middle + 4, SvgCanvas.Fit(Rows[i], left - 8), "label", TextAnchor.End);
            for (var j = 0; j < Columns.Count; j++)
                Draw(canvas, Cell(i, j), left + j * CellWidth, top + i * CellHeight);
        }
        if (ColumnName.Length > 0)
            canvas.Text(left + Columns.Count * CellWidth / 2, height - 6, ColumnName, "axis-name", TextAnchor.Middle);
        return canvas.ToHtml();
    }

    // The strengths at which the ground's own colour reads better than ink: later on a light page than on a dark one.
    private static string TextStyle(double strength) => strength switch
    {
        > 0.92 => "cell-text full",
        > 0.6 => "cell-text mid",
        _ => "cell-text",
    };

    private void ColumnLabel(SvgCanvas canvas, int column, double x, double y)
    {
        if (Columns[column].Length == 0) return;
        if (SlantedColumns) canvas.Slanted(x, y, SvgCanvas.Fit(Columns[column], 150));
        else canvas.Text(x, y, Columns[column], "tick", TextAnchor.Middle);
    }

    private void Draw(SvgCanvas canvas, HeatCell cell, double x, double y)
    {
        if (cell.Tip.Length == 0) return;
        var gap = CellWidth >= 16 && CellHeight >= 16 ? 1.0 : 0;
        canvas.BeginGroup(cell.Tone);
        canvas.Rect(x + gap, y + gap, CellWidth - 2 * gap, CellHeight - 2 * gap, gap > 0 ? "cell" : "cell dense",
            cell.Tip,
            Math.Clamp(cell.Strength, 0.0, 0.99), gap > 0 ? 2 : 0);
        var fits = SvgCanvas.TextWidth(cell.Text, FontSize) <= CellWidth && CellHeight >= 16;
        if (cell.Text.Length > 0 && fits)
        {
            canvas.Text(x + CellWidth / 2, y + CellHeight / 2 + 4, cell.Text, TextStyle(cell.Strength),
                TextAnchor.Middle);
        }
        canvas.EndGroup();
    }
}
