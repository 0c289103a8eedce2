namespace Codat.Native.Cli;

/// <summary>A table in plain text: the first column to the left, the others to the right.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [columns];

    internal void Add(params string[] cells) => _rows.Add(cells);

    internal void Write(TextWriter output, string indent = "")
    {
        int[] widths = new int[columns.Length];
        foreach (string[] row in _rows)
        {
            for (int c = 0; c < row.Length; c++) widths[c] = Math.Max(widths[c], row[c].Length);
        }
        foreach (string[] row in _rows)
        {
            var line = new System.Text.StringBuilder(indent);
            for (int c = 0; c < row.Length; c++)
            {
                if (c > 0) line.Append("  ");
                line.Append(c == 0 ? row[c].PadRight(widths[c]) : row[c].PadLeft(widths[c]));
            }
            output.WriteLine(line.ToString().TrimEnd());
        }
    }
}
