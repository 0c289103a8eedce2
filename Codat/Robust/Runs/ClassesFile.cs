using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary><c>classes.csv</c>: a row for each epoch and class; every change replaces the whole file.</summary>
public sealed class ClassesFile
{
    /// <summary>The first line.</summary>
    public const string Header = "epoch,class,name,n,clean,robust,low,high,risk,weight";

    private readonly string _path;
    private readonly StringBuilder _text;

    private ClassesFile(string path, StringBuilder text)
    {
        _path = path;
        _text = text;
    }

    /// <summary>Opens the file of a run, keeping what was committed up to <paramref name="lastEpoch"/>.</summary>
    /// <exception cref="CodatException">The file is not one of ours.</exception>
    public static ClassesFile Open(string path, int lastEpoch)
    {
        var text = new StringBuilder(Header).Append('\n');
        if (lastEpoch > 0) Keep(path, lastEpoch, text);
        var file = new ClassesFile(path, text);
        file.Save();
        return file;
    }

    /// <summary>Adds the rows of an epoch and replaces the file.</summary>
    public void Add(IReadOnlyList<ClassRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        foreach (ClassRow row in rows) Append(row);
        Save();
    }

    private static void Keep(string path, int lastEpoch, StringBuilder text)
    {
        string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (lines.Length == 0 || lines[0] != Header)
        {
            throw new CodatException("the run's class table cannot be read", path, Header,
                lines.Length == 0 ? "nothing" : lines[0]);
        }
        // A name may hold a line break inside quotes; what counts is where the quotes are closed.
        var record = new StringBuilder();
        for (int i = 1; i < lines.Length; i++)
        {
            record.Append(lines[i]).Append('\n');
            if (Quotes(record) % 2 != 0) continue;
            string row = record.ToString();
            record.Clear();
            int comma = row.IndexOf(',', StringComparison.Ordinal);
            if (comma < 0 || !SettingText.TryInteger(row.AsSpan(0, comma), out int epoch))
            {
                throw new CodatException("the run's class table cannot be read",
                    $"{path}, line {SettingText.Print(i + 1)}", "an epoch", row.TrimEnd());
            }
            if (epoch <= lastEpoch) text.Append(row);
        }
    }

    private static int Quotes(StringBuilder text)
    {
        int quotes = 0;
        for (int i = 0; i < text.Length; i++) quotes += text[i] == '"' ? 1 : 0;
        return quotes;
    }

    private void Append(ClassRow row)
    {
        _text.Append(SettingText.Print(row.Epoch)).Append(',').Append(SettingText.Print(row.Class)).Append(',');
        AppendText(row.Name);
        _text.Append(',').Append(SettingText.Print(row.N));
        foreach (double value in (ReadOnlySpan<double>)[row.Clean, row.Robust, row.Low, row.High, row.Risk, row.Weight])
        {
            _text.Append(',');
            if (double.IsFinite(value)) _text.Append(SettingText.Print(value));
        }
        _text.Append('\n');
    }

    private void AppendText(string text)
    {
        if (text.AsSpan().IndexOfAny(",\"\r\n") < 0)
            _text.Append(text);
        else
            _text.Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }

    private void Save() => RunFile.Write(_path, _text.ToString());
}
