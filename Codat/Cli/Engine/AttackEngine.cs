using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Adversarial examples for arrays on disk: plain projected gradient ascent on every image.</summary>
internal static class AttackEngine
{
    public static JsonObject Run(AttackOptions options, IProgressView view, CancellationToken cancellation)
    {
        using var checkpoint = Checkpoint.Open(options, view);
        var spec = checkpoint.Network.Spec;
        var (images, count) = ArrayFiles.ReadImages(options.Input, spec);
        var labels = ArrayFiles.ReadLabels(options.Labels, count, spec.Classes);
        var starts = options.StartFile is null ? null : ReadStarts(options.StartFile, count, spec);
        var attack = Threat.Of(checkpoint, options.Norm, options.Eps, options.Step, options.Steps);
        var mode = options.AttackBn == AttackBatchNorm.Eval ? ForwardMode.Eval : ForwardMode.BatchStats;
        // Batch statistics see the whole batch, so padding must not be part of it.
        var batch = mode == ForwardMode.BatchStats ? Math.Min(options.Batch ?? EvaluatorOptions.DefaultBatch, count)
            : PhysicalBatch.Of(checkpoint.Network.Device, options.Batch, count);
        if (mode == ForwardMode.BatchStats && count % batch != 0)
            throw new CodatException("batch statistics need full batches", "--batch", $"a divisor of {count}",
                $"{batch}", "choose such a --batch");
        var attackSpec = new AttackSpec(attack.Norm, attack.Eps.Value, attack.Step.Value, attack.Steps,
            starts is null ? options.Start : AttackStart.Zero, AttackLoss.CrossEntropy, mode);

        using var program = new AttackProgram(checkpoint.Network, attackSpec, batch, options.Seed);
        using var scorer = new AttackProgram(checkpoint.Network, null, batch, options.Seed);
        var rows = new List<Row>(count);
        var output = new float[images.Length];
        var run = images.Length / count;
        var (feed, cleanFeed) = (new ImageRows(program, images), new ImageRows(scorer, images));
        for (var start = 0; start < count; start += batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var n = cleanFeed.Load(start, count, labels);
            scorer.Score();
            feed.Load(start, count, labels);
            program.Start();
            if (starts is not null) feed.Start(starts, start, count);
            var first = Climb(program, scorer.Predicted.ToArray<int>(), attack.Steps);
            var (predicted, loss) = (program.Predicted.ToArray<int>(), program.Loss.ToArray<float>());
            program.Iterate.ToArray<float>().AsSpan(0, n * run).CopyTo(output.AsSpan(start * run));
            var clean = scorer.Predicted.ToArray<int>();
            for (var i = 0; i < n; i++)
            {
                rows.Add(new Row(start + i, labels[start + i], clean[i], first[i], loss[i], predicted[i],
                    Distance(
                        images.AsSpan((start + i) * run, run), output.AsSpan((start + i) * run, run), attack.Norm)));
            }
            view.Progress("attack", start + n, count);
        }
        ArrayFiles.WriteImages(options.Out, output, count, spec);
        if (options.Report is not null) WriteReport(options.Report, rows);
        return new JsonObject
        {
            ["n"] = count, ["cleanCorrect"] = rows.Count(r => r.Clean == r.Class),
            ["robustCorrect"] = rows.Count(r => r.Clean == r.Class && r.Attacked == r.Class),
            ["maxNorm"] = rows.Max(r => r.Norm), ["out"] = Path.GetFullPath(options.Out),
        };
    }

    /// <summary>
    /// Runs the steps; returns the step that first succeeded, -1 for none, 0 where the clean image was wrong.
    /// </summary>
    private static int[] Climb(AttackProgram program, int[] clean, int steps)
    {
        var labels = program.Labels.ToArray<int>();
        var first = new int[labels.Length];
        for (var i = 0; i < first.Length; i++) first[i] = clean[i] == labels[i] ? -1 : 0;
        for (var step = 0; step < steps; step++)
        {
            program.Step();
            // What the step saw is the iterate before it: a start that already succeeds counts as the first step.
            Mark(program.Predicted.ToArray<int>(), labels, first, Math.Max(1, step));
        }
        program.Score();
        Mark(program.Predicted.ToArray<int>(), labels, first, steps);
        return first;
    }

    private static void Mark(int[] predicted, int[] labels, int[] first, int step)
    {
        for (var i = 0; i < first.Length; i++)
            if (first[i] == -1 && predicted[i] != labels[i]) first[i] = step;
    }

    private static float[] ReadStarts(string path, int count, NetworkSpec spec)
    {
        var (starts, found) = ArrayFiles.ReadImages(path, spec);
        return found == count
            ? starts
            : throw new CodatException("the start images do not fit the images", path, $"{count} images", $"{found}");
    }

    private static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Norm norm)
    {
        double result = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var d = Math.Abs((double)a[i] - b[i]);
            result = norm == Norm.Linf ? Math.Max(result, d) : result + d * d;
        }
        return norm == Norm.Linf ? result : Math.Sqrt(result);
    }

    private static void WriteReport(string path, List<Row> rows)
    {
        var text = new StringBuilder("id,class,clean,first_success,loss,norm\n");
        foreach (var r in rows)
            text.Append(CultureInfo.InvariantCulture,
                $"{r.Id},{r.Class},{(r.Clean == r.Class ? 1 : 0)},{r.First},{r.Loss:R},{r.Norm:R}\n");
        AtomicFile.WriteAllText(path, text.ToString());
    }

    private readonly record struct Row(int Id, int Class, int Clean, int First, float Loss, int Attacked, double Norm);
}
