using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>The evaluation of a checkpoint as it enters a comparison: counts by class, and evidence if there is
/// some.</summary>
/// <param name="Label">Its name on the page, unique among those compared.</param>
/// <param name="Source">The run folder or file as given.</param>
/// <param name="Evaluation">Its evaluation.</param>
/// <param name="EvidencePath">Its evidence file, or null.</param>
internal sealed record EvaluatedCheckpoint(string Label, string Source, EvaluationView Evaluation, string? EvidencePath)
{
    /// <summary>The lines of its evidence, or null.</summary>
    public EvidenceFile? Evidence { get; init; }

    /// <summary>Names of its attacks, in order.</summary>
    public IEnumerable<string> Attacks => Evaluation.Attacks.Select(a => a.Name);

    /// <summary>Names of its classes.</summary>
    public IReadOnlyList<string> Classes => [.. Evaluation.Attacks[0].PerClass.Select(c => c.Name)];

    /// <summary>The row of an attack, or null.</summary>
    public AttackView? Find(string attack) => Evaluation.Attacks.FirstOrDefault(a => a.Name == attack);

    /// <summary>Takes the evaluation that counts of a run, and reads its evidence; null where it has none.</summary>
    /// <exception cref="CodatException">The class rows hold no counts, or the evidence is of something
    /// else.</exception>
    public static EvaluatedCheckpoint? Of(string label, RunView view)
    {
        if (view.Final is not { Attacks.Count: > 0 } evaluation) return null;
        var checkpoint = new EvaluatedCheckpoint(label, view.Source, evaluation, view.EvidencePath);
        foreach (var attack in evaluation.Attacks) checkpoint.CheckRows(attack);
        if (view.EvidencePath is not { } path) return checkpoint;
        var evidence = EvidenceFile.Read(path);
        foreach (var attack in evaluation.Attacks) checkpoint.CheckEvidence(evidence, attack, path);
        return checkpoint with { Evidence = evidence };
    }

    /// <summary>Everything that follows from the counts of an attack's row, computed anew.</summary>
    public ClassAccuracy Accuracy(AttackView attack) => ClassAccuracy.Of(Classes,
        [.. attack.PerClass.Select(c => (long)c.N)], [.. attack.PerClass.Select(c => (long)c.Correct)],
        [.. attack.PerClass.Select(c => c.Risk)]);

    private void CheckRows(AttackView attack)
    {
        var classes = Evaluation.Attacks[0].PerClass;
        for (var k = 0; k < Math.Max(classes.Count, attack.PerClass.Count); k++)
        {
            var row = k < attack.PerClass.Count ? attack.PerClass[k] : null;
            if (k < classes.Count && row is not null && row.Class == k && row.Name == classes[k].Name
                && row.N == classes[k].N && IsCount(row.N) && IsCount(row.Correct) && row.Correct <= row.N) continue;
            throw new CodatException("the rows of an evaluation cannot be counted", $"{Source}, {attack.Name}",
                string.Create(CultureInfo.InvariantCulture, $"class {k} with n and correct, the same in every attack"),
                row is null ? "none"
                    : string.Create(CultureInfo.InvariantCulture, $"class {row.Class}, {row.Correct} of {row.N}"),
                "evaluate again: codat eval --json");
        }
        if (classes.Count == 0)
            throw new CodatException("the rows of an evaluation cannot be counted", $"{Source}, {attack.Name}",
                "a row per class", "none", "evaluate again: codat eval --json");
    }

    /// <summary>The lines of the evidence have to add up to the rows of the evaluation.</summary>
    private void CheckEvidence(EvidenceFile evidence, AttackView attack, string path)
    {
        if (evidence.Column(attack.Name) is not { } column)
            throw NotOfThis(path, $"a column {attack.Name}", string.Join(", ", evidence.Attacks));
        var right = column.Span;
        var (n, correct) = (new long[attack.PerClass.Count], new long[attack.PerClass.Count]);
        for (var i = 0; i < right.Length; i++)
        {
            var label = evidence.Classes[i];
            if (label >= n.Length)
                throw NotOfThis(path, string.Create(CultureInfo.InvariantCulture, $"{n.Length} classes"),
                    string.Create(CultureInfo.InvariantCulture, $"class {label} in line {i + 2}"));
            n[label]++;
            if (right[i]) correct[label]++;
        }
        foreach (var row in attack.PerClass)
        {
            if (n[row.Class] == row.N && correct[row.Class] == row.Correct) continue;
            throw NotOfThis(path,
                string.Create(CultureInfo.InvariantCulture, $"{attack.Name}, class {row.Class}: {row.Correct} of ")
                    + string.Create(CultureInfo.InvariantCulture, $"{row.N} right, as in {Source}"),
                string.Create(CultureInfo.InvariantCulture, $"{correct[row.Class]} of {n[row.Class]}"));
        }
    }

    private static bool IsCount(double value) => value is >= 0 and < 1e15 && double.IsInteger(value);

    private static CodatException NotOfThis(string path, string expected, string found) =>
        new("the evidence is of another evaluation", path, expected, found,
            "give the JSON and the --evidence that one run of codat eval wrote");
}
