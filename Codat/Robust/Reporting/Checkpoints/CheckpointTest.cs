namespace Codat.Native.Robust;

/// <summary>McNemar's test of a checkpoint against the baseline under one attack, on the same images.</summary>
/// <param name="Label">The checkpoint.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Class">The class whose images were compared; null for all images.</param>
/// <param name="Test">The test; its first is the baseline.</param>
/// <param name="Corrected">
/// The p-value corrected by Holm: among all checkpoints for all images under one attack, and among all checkpoints and
/// classes for single classes.
/// </param>
internal sealed record CheckpointTest(string Label, string Attack, int? Class, McNemarTest Test, double Corrected)
{
    /// <summary>The tests under one attack: for all images, then class by class.</summary>
    public static IReadOnlyList<CheckpointTest> All(
        string attack, EvaluatedCheckpoint baseline, IEnumerable<EvaluatedCheckpoint> others)
    {
        if (baseline.Evidence?.Column(attack) is not { } first) return [];
        var (whole, single) = (new List<CheckpointTest>(), new List<CheckpointTest>());
        foreach (var other in others)
        {
            if (other.Evidence?.Column(attack) is not { } second) continue;
            whole.Add(new(other.Label, attack, null, McNemarTest.Of(first.Span, second.Span), double.NaN));
            for (var k = 0; k < other.Classes.Count; k++)
            {
                var own = Images(other.Evidence, k);
                if (own.Length == 0) continue;
                var test = McNemarTest.Of(Pick(first.Span, own), Pick(second.Span, own));
                single.Add(new(other.Label, attack, k, test, double.NaN));
            }
        }
        return [.. Correct(whole), .. Correct(single)];
    }

    private static IEnumerable<CheckpointTest> Correct(List<CheckpointTest> tests)
    {
        var corrected = McNemarTest.Holm([.. tests.Select(t => t.Test.P)]);
        return tests.Select((test, i) => test with { Corrected = corrected[i] });
    }

    private static int[] Images(EvidenceFile evidence, int label) =>
        [.. Enumerable.Range(0, evidence.Classes.Count).Where(i => evidence.Classes[i] == label)];

    private static bool[] Pick(ReadOnlySpan<bool> right, int[] images)
    {
        var picked = new bool[images.Length];
        for (var i = 0; i < images.Length; i++) picked[i] = right[images[i]];
        return picked;
    }
}
