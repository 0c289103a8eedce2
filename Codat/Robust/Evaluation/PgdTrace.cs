using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>Adds what a run of projected gradient ascent saw to the telemetry of its images.</summary>
internal sealed class PgdTrace(AttackProgram program, AttackSpec spec, AttackTrace trace)
{
    private readonly int _pixels = (int)(program.Iterate.Shape.Count / program.Batch);
    private readonly float[] _iterate = new float[program.Iterate.Shape.Count];
    private readonly int[] _counts = new int[trace.Counts.Shape.Count];
    private readonly float[] _losses = new float[trace.Losses.Shape.Count];
    private readonly int[] _rounded = new int[program.Batch];

    /// <summary>Takes the run that was just scored; leaves rounded images in the program.</summary>
    /// <param name="which">The images of the rows.</param>
    /// <param name="stage">The restart.</param>
    /// <param name="source">The images as they were loaded.</param>
    /// <param name="scores">The scores of the last iterate.</param>
    /// <param name="telemetry">Where it goes.</param>
    public void Take(ReadOnlySpan<int> which, AttackStage stage, ImageSource source, BatchScores scores,
        AttackTelemetry telemetry)
    {
        HostFloats.Read(program.Iterate, _iterate);
        if (stage.Restart == 0) AddSteps(which, source, scores, telemetry, telemetry.Parts[stage.PartIndex]);
        var isAnyBroken = false;
        for (var row = 0; row < which.Length; row++)
        {
            var (image, isBroken) = (which[row], scores.Predicted[row] != source.Label(row));
            var point = _iterate.AsSpan(row * _pixels, _pixels);
            Keep(ref telemetry.Distance[image], ThreatBall.Distance(spec.Norm, point, source.Row(row)), isBroken);
            EightBits.Round(point);
            Keep(ref telemetry.RoundedDistance[image], ThreatBall.Distance(spec.Norm, point, source.Row(row)),
                isBroken);
            isAnyBroken |= isBroken;
        }
        if (!isAnyBroken) return;
        HostFloats.Write(program.Iterate, _iterate);
        program.Score();
        program.Predicted.CopyTo<int>(_rounded);
        for (var row = 0; row < which.Length; row++)
            telemetry.RoundedRight[which[row]] =
                scores.Predicted[row] != source.Label(row) && _rounded[row] == source.Label(row);
    }

    private static void Keep(ref float farthest, double distance, bool isBroken)
    {
        if (isBroken || !(farthest >= distance)) farthest = (float)distance;
    }

    private void AddSteps(ReadOnlySpan<int> which, ImageSource source, BatchScores scores, AttackTelemetry telemetry,
        StepTotals totals)
    {
        trace.Counts.CopyTo<int>(_counts);
        HostFloats.Read(trace.Losses, _losses);
        for (var row = 0; row < which.Length; row++)
        {
            var (label, clean) = (source.Label(row), (double)telemetry.CleanLoss[which[row]]);
            for (var step = 0; step < trace.Steps; step++)
            {
                var at = row * trace.Steps + step;
                var c = _counts.AsSpan(at * AttackTraceOp.Counts, AttackTraceOp.Counts);
                totals.Add(label, step, new StepSample(_losses[at] - clean, c[0], c[1], c[2], c[3]));
            }
            var last = spec.Loss == AttackLoss.Margin ? -scores.Margin(row) : scores.Loss[row];
            var atBound = StepCounts.AtBound<float>(
                _iterate.AsSpan(row * _pixels, _pixels), source.Row(row), spec.Norm, spec.Epsilon);
            totals.Add(label, trace.Steps, new StepSample(last - clean, atBound, Zeros: -1, 0, Flips: -1));
        }
    }
}
