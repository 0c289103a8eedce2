using System.Globalization;
using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Reads <c>classes.csv</c> by the names of its columns; further columns are ignored.</summary>
internal static class ClassTableReader
{
    /// <summary>Reads the file; no rows where it does not exist.</summary>
    public static List<ClassEpochView> Read(string path)
    {
        var rows = new List<ClassEpochView>();
        if (!File.Exists(path)) return rows;
        var lines = JsonView.ReadText(path).Split('\n');
        var columns = Fields(lines[0], path, 1);
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].AsSpan().Trim().IsEmpty) continue;
            var fields = Fields(lines[i], path, i + 1);
            if (fields.Count != columns.Count)
                throw Wrong(path, i + 1, ReportFormat.Count(columns.Count) + " fields",
                    ReportFormat.Count(fields.Count));
            rows.Add(Row(columns, fields, path, i + 1));
        }
        return rows;
    }

    private static ClassEpochView Row(List<string> columns, List<string> fields, string path, int line)
    {
        var index = Whole("class");
        var name = Field("name");
        return new ClassEpochView(Whole("epoch"), index, name.Length > 0 ? name : ReportFormat.ClassName(index),
            Number("n"), Number("clean"), Number("robust"), Number("low"), Number("high"),
            Number("risk"), Number("weight"));

        string Field(string column)
        {
            var at = columns.IndexOf(column);
            return at < 0 ? "" : fields[at].Trim();
        }

        double Number(string column)
        {
            var field = Field(column);
            if (field.Length == 0) return double.NaN;
            return double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw Wrong(path, line, "a number in column " + column, "'" + field + "'");
        }

        int Whole(string column) =>
            int.TryParse(Field(column), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw Wrong(path, line, "a whole number in column " + column, "'" + Field(column) + "'");
    }

    private static List<string> Fields(string text, string path, int line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        var row = text.TrimEnd('\r');
        for (var i = 0; i < row.Length; i++)
        {
            var c = row[i];
            if (quoted && c == '"' && i + 1 < row.Length && row[i + 1] == '"') field.Append(row[++i]);
            else if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted) Take();
            else field.Append(c);
        }
        if (quoted) throw Wrong(path, line, "a closing quote", "the end of the line");
        Take();
        return fields;

        void Take()
        {
            fields.Add(field.ToString());
            field.Clear();
        }
    }

    private static CodatException Wrong(string path, int line, string expected, string found) =>
        new("A table of the run is malformed", string.Create(CultureInfo.InvariantCulture, $"{path}, line {line}"),
            expected, found, "restore the file or leave it out of the folder");
}
