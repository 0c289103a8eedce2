using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Does the loss rise from an attack's start to its end, and stay up?</summary>
/// <remarks>
/// A loss that ends no higher than it started means that steps lead nowhere. One that has lost half of what it had
/// gained means that they overshoot, or follow gradients that are not the network's. Only PGD, CW and FGSM are judged:
/// the AutoAttack family looks at broken images no more, so its means fall as the easy images leave.
/// </remarks>
internal static class LossRiseCheck
{
    public const string Name = "loss-rise";

    private const double MostLost = 0.5;

    public static CheckResult? Judge(IReadOnlyList<AttackResult> rows, IReadOnlyList<ResolvedAttack> attacks)
    {
        var judged = rows.Where(r => attacks.Any(a => a.Name == r.Name && AttackSpec.Of(a) is not null)
            && r.Telemetry?[0].All.LossGain is { } gain && !double.IsNaN(gain[0])).ToArray();
        if (judged.Length == 0) return null;
        foreach (var row in judged)
        {
            var gain = row.Telemetry![0].All.LossGain!; // as was asked above
            var (start, most, end) = (gain[0], gain.Max(), gain[^1]);
            var found = string.Create(CultureInfo.InvariantCulture,
                $"under {row.Name} the mean loss goes from {start:G3} above the clean one at the start to {end:G3}");
            if (!(end > start))
                return new CheckResult(Name, CheckVerdict.Fail, found
                    + ": steps lead nowhere; see zero-gradients and huge-logits, and run square");
            if (most - end > MostLost * (most - start))
                return new CheckResult(Name, CheckVerdict.Warn, string.Create(CultureInfo.InvariantCulture,
                    $"{found} after {most:G3} in between: steps overshoot; give a smaller --step, or run apgd-ce"));
        }
        return new CheckResult(Name, CheckVerdict.Pass,
            "the mean loss rises to the end under " + string.Join(", ", judged.Select(r => r.Name)));
    }
}
