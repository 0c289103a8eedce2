using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>What evaluations must share to be compared: images, classes, threat model, settings of
/// attacks.</summary>
internal static class CheckpointRules
{
    private const string SameImages = "evaluate both on the same images: codat eval --split, --limit, --corrupt";

    /// <summary>Refuses what cannot be compared with the first.</summary>
    /// <exception cref="CodatException">Names the file, the attack or the line that differs.</exception>
    public static void Check(EvaluatedCheckpoint first, EvaluatedCheckpoint other)
    {
        CheckImages(first, other);
        CheckThreat(first.Evaluation, other.Evaluation, other.Source);
        foreach (var attack in other.Evaluation.Attacks)
            if (first.Find(attack.Name) is { } same) CheckAttack(same, attack, other.Source);
        if (!first.Attacks.Intersect(other.Attacks).Any())
            throw new CodatException("the evaluations have no attack in common", other.Source,
                string.Join(", ", first.Attacks), string.Join(", ", other.Attacks),
                "evaluate both with the same --attack");
        CheckLines(first, other);
    }

    private static void CheckImages(EvaluatedCheckpoint first, EvaluatedCheckpoint other)
    {
        var (expected, found) = (Images(first.Evaluation), Images(other.Evaluation));
        if (expected != found) throw Different(other.Source, expected, found);
        if (!first.Classes.SequenceEqual(other.Classes))
            throw new CodatException("the evaluations have different classes", other.Source,
                Names(first.Classes, other.Classes), Names(other.Classes, first.Classes),
                "compare checkpoints of one data set only, or evaluate with --class-map");
        foreach (var (a, b) in first.Evaluation.Attacks[0].PerClass.Zip(other.Evaluation.Attacks[0].PerClass))
            if (a.N != b.N)
                throw Different($"{other.Source}, {b.Name}",
                    string.Create(CultureInfo.InvariantCulture, $"{a.N} images of the class"),
                    string.Create(CultureInfo.InvariantCulture, $"{b.N}"));
        if (first.Evaluation.ImagesHash is { } wanted && other.Evaluation.ImagesHash is { } hash && hash != wanted)
            throw Different(other.Source, $"images with hash {wanted}", $"hash {hash}");
    }

    private static void CheckThreat(EvaluationView first, EvaluationView other, string source)
    {
        if (first.Norm != other.Norm || !first.Eps.Equals(other.Eps))
            throw new CodatException("the evaluations are of different threat models", source,
                $"{first.Norm} {first.EpsText}", $"{other.Norm} {other.EpsText}",
                "evaluate both under the same --norm and --eps");
    }

    private static void CheckAttack(AttackView first, AttackView other, string source)
    {
        if (first.Step.Equals(other.Step) && first.Restarts.Equals(other.Restarts)) return;
        throw new CodatException("an attack ran with other settings", $"{source}, {other.Name}", Settings(first),
            Settings(other), "evaluate both with the same --step and --restarts");

        static string Settings(AttackView attack) => double.IsNaN(attack.Step) ? "no step"
            : string.Create(CultureInfo.InvariantCulture, $"step {attack.Step:R}, restarts {attack.Restarts:R}");
    }

    private static void CheckLines(EvaluatedCheckpoint first, EvaluatedCheckpoint other)
    {
        if (first.Evidence is not { } a || other.Evidence is not { } b) return;
        for (var i = 0; i < Math.Max(a.Ids.Count, b.Ids.Count); i++)
        {
            var (wanted, found) = (Line(a, i), Line(b, i));
            if (wanted == found) continue;
            throw Different(string.Create(CultureInfo.InvariantCulture, $"{other.EvidencePath}, line {i + 2}"),
                $"{wanted}, as in {first.EvidencePath}", found);
        }

        static string Line(EvidenceFile file, int i) => i >= file.Ids.Count ? "no line"
            : string.Create(CultureInfo.InvariantCulture, $"image {file.Ids[i]} of class {file.Classes[i]}");
    }

    private static string Images(EvaluationView evaluation) => string.Create(CultureInfo.InvariantCulture,
        $"{evaluation.Dataset ?? "unnamed"} {evaluation.Split}, {evaluation.N:R} images");

    // Where many classes agree, the first that does not says more than all of them.
    private static string Names(IReadOnlyList<string> names, IReadOnlyList<string> others)
    {
        if (names.Count != others.Count)
            return string.Create(CultureInfo.InvariantCulture, $"{names.Count} classes");
        var k = Enumerable.Range(0, names.Count).First(i => names[i] != others[i]);
        return string.Create(CultureInfo.InvariantCulture, $"class {k}: {names[k]}");
    }

    private static CodatException Different(string where, string expected, string found) =>
        new("the evaluations are of different images", where, expected, found, SameImages);
}
