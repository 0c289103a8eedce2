using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Makes curves and an audit of what an attack saw.</summary>
internal static class TelemetrySummary
{
    private static readonly double s_floatUlp = Math.Pow(2, -23);

    /// <summary>The row of an attack with what it saw; the row itself where nothing was noted.</summary>
    public static AttackResult Add(AttackResult row, IDataset images, ResolvedAttack attack, AttackOutcome outcome)
    {
        if (outcome.Telemetry is not { } telemetry) return row;
        var starts = AttackStage.Of(attack, images.Classes).Where(stage => stage.Restart == 0).ToArray();
        var parts = starts.Select((stage, i) => Curves(stage, telemetry.Parts[i], images, outcome));
        return row with { Telemetry = [.. parts], Change = Audit(attack, telemetry, outcome) };
    }

    private static PartTelemetry Curves(
        AttackStage stage, StepTotals totals, IDataset images, AttackOutcome outcome)
    {
        var axis = totals.Axis;
        var first = new long[totals.Classes][];
        for (var k = 0; k < first.Length; k++) first[k] = new long[axis.Points];
        for (var i = 0; i < images.Count; i++)
        {
            var step = outcome.Step[i] - stage.StepsBefore;
            if (step >= 1 && step <= stage.Steps) first[images.Label(i)][axis.PointOf(step)]++;
        }
        int[] classes = [.. Enumerable.Range(0, totals.Classes)];
        return new PartTelemetry(stage.Part.Name, [.. Enumerable.Range(0, axis.Points).Select(axis.StepOf)],
            Curves(totals, first, classes), [.. classes.Select(k => Curves(totals, first, [k]))]);
    }

    private static StepCurves Curves(StepTotals totals, long[][] first, int[] classes)
    {
        long[] Sum(StepQuantity quantity) =>
            [.. Enumerable.Range(0, totals.Axis.Points).Select(p => classes.Sum(k => totals[k, p, quantity]))];
        double[]? Mean(StepQuantity quantity, StepQuantity images, double unit = 1)
        {
            var (sum, count) = (Sum(quantity), Sum(images));
            if (Array.TrueForAll(count, n => n == 0)) return null;
            return [.. sum.Zip(count, (s, n) => n == 0 ? double.NaN : s * unit / n)];
        }
        return new StepCurves(
            Sum(StepQuantity.Looks),
            Mean(StepQuantity.Gain, StepQuantity.Gained, StepTotals.GainUnit),
            [.. Enumerable.Range(0, totals.Axis.Points).Select(p => classes.Sum(k => first[k][p]))],
            Mean(StepQuantity.AtBound, StepQuantity.Placed, 1.0 / totals.Pixels),
            Mean(StepQuantity.ZeroGradients, StepQuantity.Differentiated),
            Mean(StepQuantity.BadGradients, StepQuantity.Differentiated),
            Mean(StepQuantity.Flips, StepQuantity.Compared, 1.0 / totals.Pixels));
    }

    private static ChangeAudit Audit(ResolvedAttack attack, AttackTelemetry telemetry, AttackOutcome outcome)
    {
        // A sum of squares of so many roundings of a pixel; in linf one of them.
        var values = attack.Norm == Norm.L2 ? telemetry.Parts[0].Pixels : 1;
        var limit = attack.Eps.Value + s_floatUlp * Math.Sqrt(values);
        var (most, mostRounded) = (double.NaN, double.NaN);
        long outside = 0, outsideRounded = 0, broken = 0, brokenRounded = 0;
        for (var i = 0; i < outcome.Correct.Length; i++)
        {
            if (!float.IsNaN(telemetry.Distance[i]))
            {
                most = double.MaxNumber(most, telemetry.Distance[i]);
                mostRounded = double.MaxNumber(mostRounded, telemetry.RoundedDistance[i]);
                if (telemetry.Distance[i] > limit) outside++;
                if (telemetry.RoundedDistance[i] > limit) outsideRounded++;
            }
            if (outcome.Correct[i] || outcome.Step[i] == 0) continue;
            broken++;
            if (!telemetry.RoundedRight[i]) brokenRounded++;
        }
        return new ChangeAudit(most, mostRounded, outside, outsideRounded, broken, brokenRounded);
    }
}
