using System.Diagnostics;
using System.Text.Json.Nodes;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// What is measured once <c>best</c> is chosen: validation, the worst weights there, the test split, example images.
/// </summary>
internal sealed class FinalEvaluation(
    TrainOptions options, ChosenWeights chosen, TrainingData data, Network best, Action<string, long, long> progress)
{
    private const string EvidenceName = "evidence.csv";

    private IDataset? _test;

    /// <summary>The radius that the worst weights on the validation may reach.</summary>
    public required double Eta { get; init; }

    public (JsonNode? Validation, OptimalWeights? Weights) Validation(CancellationToken cancellation)
    {
        if (data.Validation is not { } images) return (null, null);
        var start = Stopwatch.GetTimestamp();
        var attack = Resolve(options.ValAttack);
        using var evaluator = new Evaluator(best, Options(images) with { AttackAllImages = true });
        var clean = evaluator.Clean(images, cancellation);
        var outcome = evaluator.Attack(images, attack, clean, cancellation);
        var robust = EvaluationRun.Summarise(attack.Name, images, outcome,
            attack.HasStep ? attack.Step.Value : null, attack.HasStep ? attack.Restarts : null);
        var report = EvaluationRun.Report(Path.GetFileName(chosen.Path), "val", images,
            [EvaluationRun.Summarise("clean", images, clean), robust], options.Norm, options.Eps, options.Seed,
            Stopwatch.GetElapsedTime(start));
        return (Node(report), Worst(robust));
    }

    /// <summary>The final test of the chosen weights; the split's reading goes into the manifest.</summary>
    public JsonNode? Test(RunFiles files, CancellationToken cancellation)
    {
        if (options.Test.Count == 0) return null;
        var start = Stopwatch.GetTimestamp();
        _test = TestSplit.Read(options, chosen);
        files.Note(TrainingData.Describe("test", _test, "final test of best"));
        using var evaluator = new Evaluator(best, Options(_test) with { Telemetry = true });
        var list = new List<ResolvedAttack>();
        if (!options.Test.Any(a => a.Kind == AttackKind.Clean)) list.Add(Resolve(AttackExpression.Clean));
        list.AddRange(options.Test.Select(Resolve));
        var outcomes = EvaluationRun.Outcomes(evaluator, _test, list, null, cancellation);
        EvidenceFile.Write(Beside(EvidenceName), outcomes);
        var rows = EvaluationRun.Results(outcomes);
        var checks = MaskingChecks.Run(best, outcomes, rows);
        return Node(EvaluationRun.Report(Path.GetFileName(chosen.Path), "test", _test, rows, options.Norm, options.Eps,
            options.Seed, Stopwatch.GetElapsedTime(start)) with { Evidence = EvidenceName, Checks = checks });
    }

    /// <summary>One image of each class before and after the attack, for the report.</summary>
    public void WriteExamples(CancellationToken cancellation)
    {
        if ((_test ?? data.Validation) is not { } images) return;
        var shown = options.Test.LastOrDefault(a => AttackSpec.Of(Resolve(a)) is not null);
        var attack = Resolve(shown ?? options.ValAttack);
        if (AttackSpec.Of(attack) is { } spec)
        {
            ExampleImages.Write(Beside("examples.json"), best, images, attack, spec, options.Seed);
        }
        cancellation.ThrowIfCancellationRequested();
    }

    // Of a full path.
    private string Beside(string name) => Path.Combine(Path.GetDirectoryName(chosen.Path)!, name);

    private EvaluatorOptions Options(IDataset images) => new()
    {
        Batch = Math.Min(EvaluatorOptions.DefaultBatch, images.Count), Seed = options.Seed, Progress = progress,
    };

    private OptimalWeights Worst(AttackResult robust)
    {
        var risks = robust.Accuracy.PerClass.Select(c => double.IsNaN(c.Risk) ? 0 : c.Risk).ToArray();
        var present = robust.Accuracy.PerClass.Select(c => c.N > 0 ? (byte)1 : (byte)0).ToArray();
        var weights = new double[risks.Length];
        var ball = ObjectiveRules.BallOf(options.ClassWeights);
        var solution = BallWeights.Solve(ball, risks, data.Prior, Eta, weights, present);
        return new OptimalWeights(Eta, risks, weights, solution.Objective) { Prior = [.. data.Prior] };
    }

    private ResolvedAttack Resolve(AttackExpression attack) => attack.Resolve(options.Norm, options.Eps, options.Step);

    private static JsonNode? Node(EvalResult result) => JsonNode.Parse(EvalReport.ToJson(result));
}
