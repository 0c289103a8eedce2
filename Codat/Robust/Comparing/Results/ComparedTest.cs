namespace Codat.Native.Robust;

/// <summary>Is the worst class of a method better or worse than the baseline's?</summary>
/// <remarks>
/// Paired by seed; p from <see cref="SeedBootstrap"/>, corrected by Holm over the methods tested under the same attack.
/// </remarks>
/// <param name="Label">The method.</param>
/// <param name="Baseline">The baseline.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Difference">Worst class of the method minus that of the baseline, mean over common seeds.</param>
/// <param name="Low">Lower end of its 95 % interval, not corrected.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="P">The two-sided p-value.</param>
/// <param name="Corrected">The same, corrected.</param>
/// <param name="Seeds">Seeds both have.</param>
internal sealed record ComparedTest(string Label, string Baseline, string Attack, double Difference, double Low,
    double High, double P, double Corrected, int Seeds)
{
    /// <summary>The tests of all methods that have a baseline, under all attacks it has.</summary>
    public static IReadOnlyList<ComparedTest> All(
        IReadOnlyList<(ComparedMethod Method, ComparedMethod? Baseline)> pairs)
    {
        var tests = new List<ComparedTest>();
        var attacks = pairs.SelectMany(p => p.Baseline?.Attacks ?? []).Select(a => a.Name).Distinct();
        foreach (var attack in attacks)
        {
            var rows = pairs.Select(p => p.Baseline is null ? null : Test(p.Method, p.Baseline, attack))
                .OfType<ComparedTest>().ToArray();
            var corrected = McNemarTest.Holm(Array.ConvertAll(rows, r => r.P));
            tests.AddRange(rows.Select((row, i) => row with { Corrected = corrected[i] }));
        }
        return tests;
    }

    private static ComparedTest? Test(ComparedMethod method, ComparedMethod baseline, string attack)
    {
        var pairs = method.Runs.Select(r => (Own: r.Attack(attack), Other: baseline.Runs
            .FirstOrDefault(b => b.Seed == r.Seed)?.Attack(attack))).Where(p => p is { Own: not null, Other: not null })
            .ToArray();
        if (pairs.Length == 0) return null;
        var own = SeedBootstrap.Of(method.Label, [.. pairs.Select(p => p.Own).OfType<AttackView>()]);
        var other = SeedBootstrap.Of(baseline.Label, [.. pairs.Select(p => p.Other).OfType<AttackView>()]);
        var (difference, low, high, p) = own.Against(other, SeedQuantity.Worst);
        return new ComparedTest(method.Label, baseline.Label, attack, difference, low, high, p, p, pairs.Length);
    }
}
