using System.Globalization;
using System.Text;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>The evidence of an evaluation as CSV, a line per image: what each attack did to it.</summary>
/// <remarks>
/// Columns: <c>id,class,clean</c>, one of 0/1 per attack (1 = still right), <c>worst-of-all</c>, then
/// <c>NAME.step</c> and <c>NAME.margin</c> of each attack, as <see cref="AttackOutcome"/> defines them; with telemetry
/// also <c>NAME.change</c>, <c>NAME.rounded-change</c> (distances from the clean image, empty where the attack ended
/// with none) and <c>NAME.rounded</c> (0/1: still right once that image is rounded to 8 bits). Equal outcomes give
/// equal bytes.
/// </remarks>
public sealed class EvidenceFile
{
    private const string Id = "id", Class = "class", Clean = "clean";

    private EvidenceFile(int[] ids, int[] classes, IReadOnlyList<string> attacks, bool[][] correct) =>
        (Ids, Classes, Attacks, Correct) = (ids, classes, attacks, correct);

    /// <summary>Sample id of each line.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>True class of each line.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>Names of the 0/1 columns: <c>clean</c>, the attacks, <c>worst-of-all</c>.</summary>
    public IReadOnlyList<string> Attacks { get; }

    private bool[][] Correct { get; }

    /// <summary>Right or wrong by line, of a 0/1 column; null where there is none of that name.</summary>
    public ReadOnlyMemory<bool>? Column(string attack)
    {
        for (var i = 0; i < Attacks.Count; i++)
            if (Attacks[i] == attack) return Correct[i];
        return null;
    }

    /// <summary>Writes outcomes, replacing the file as a whole.</summary>
    /// <exception cref="CodatException">The file cannot be written.</exception>
    public static void Write(string path, EvaluationOutcomes outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        var attacks = outcomes.Attacked.ToArray();
        var text = new StringBuilder("id,class,clean");
        foreach (var (attack, _) in attacks) text.Append(',').Append(attack.Name);
        text.Append(',').Append(EvaluationRun.WorstOfAll);
        foreach (var (attack, _) in attacks) text.Append($",{attack.Name}.step,{attack.Name}.margin");
        foreach (var (attack, outcome) in attacks)
            if (outcome.Telemetry is not null)
                text.Append($",{attack.Name}.change,{attack.Name}.rounded-change,{attack.Name}.rounded");
        text.Append('\n');
        var worst = outcomes.WorstOfAll();
        for (var i = 0; i < outcomes.Images.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{outcomes.Images.SampleId(i)},{outcomes.Images.Label(i)},{Bit(outcomes.Clean.Correct[i])}");
            foreach (var (_, outcome) in attacks) text.Append(',').Append(Bit(outcome.Correct[i]));
            text.Append(',').Append(Bit(worst.Correct[i]));
            foreach (var (_, outcome) in attacks)
                text.Append(CultureInfo.InvariantCulture, $",{outcome.Step[i]},{outcome.Margin[i]:R}");
            foreach (var (_, outcome) in attacks)
                if (outcome.Telemetry is { } telemetry) AppendChange(text, outcome, telemetry, i);
            text.Append('\n');
        }
        AtomicFile.WriteAllText(path, text.ToString());
    }

    /// <summary>Reads the ids, classes and 0/1 columns of an evidence file.</summary>
    /// <exception cref="CodatException">It is none; the message names the line.</exception>
    public static EvidenceFile Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the evidence cannot be read", path, "a file of codat eval --evidence",
                error.Message, inner: error);
        }
        var columns = lines.Length == 0 ? [] : lines[0].Split(',');
        var named = columns.TakeWhile(c => c != EvaluationRun.WorstOfAll).Count();
        if (columns is not [Id, Class, Clean, ..] || named == columns.Length)
            throw new CodatException("the file holds no evidence", $"{path}, line 1",
                "id,class,clean, ..., worst-of-all, ...", lines.Length == 0 ? "an empty file" : lines[0]);
        var rows = new int[lines.Length - 1][];
        for (var i = 0; i < rows.Length; i++) rows[i] = Row(lines[i + 1], columns.Length, named + 1, path, i + 2);
        var names = columns[2..(named + 1)];
        return new EvidenceFile([.. rows.Select(r => r[0])], [.. rows.Select(r => r[1])], names,
            [.. Enumerable.Range(2, names.Length).Select(c => Array.ConvertAll(rows, r => r[c] == 1))]);
    }

    private static void AppendChange(StringBuilder text, AttackOutcome outcome, AttackTelemetry telemetry, int image)
    {
        var (distance, rounded) = (telemetry.Distance[image], telemetry.RoundedDistance[image]);
        if (float.IsNaN(distance)) text.Append(",,");
        else text.Append(CultureInfo.InvariantCulture, $",{distance:R},{rounded:R}");
        text.Append(',').Append(Bit(outcome.Correct[image] || telemetry.RoundedRight[image]));
    }

    private static int[] Row(string line, int columns, int numbers, string path, int number)
    {
        var cells = line.Split(',');
        var row = new int[numbers];
        var good = cells.Length == columns;
        for (var c = 0; good && c < numbers; c++)
            good = int.TryParse(cells[c], NumberStyles.None, CultureInfo.InvariantCulture, out row[c])
                && (c < 2 || row[c] <= 1);
        return good
            ? row
            : throw new CodatException("a line of the evidence is damaged",
                string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}"),
                string.Create(CultureInfo.InvariantCulture, $"{columns} cells: id, class, then 0 or 1"), line);
    }

    private static char Bit(bool right) => right ? '1' : '0';
}
