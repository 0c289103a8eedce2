using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>A comparison of checkpoints as <c>report.json</c> and <c>--json</c> have it.</summary>
internal static class CheckpointJson
{
    /// <summary>The object.</summary>
    public static JsonObject Of(CheckpointComparison comparison)
    {
        var shared = comparison.Checkpoints[0].Evaluation;
        return new JsonObject
        {
            ["baseline"] = comparison.Baseline?.Label, ["dataset"] = shared.Dataset, ["split"] = shared.Split,
            ["n"] = Number(shared.N), ["norm"] = shared.Norm, ["eps"] = Number(shared.Eps),
            ["epsText"] = shared.EpsText,
            ["checkpoints"] = List(comparison.Checkpoints, c => Checkpoint(comparison, c)),
            ["tests"] = List(comparison.Tests, test => Test(comparison, test)),
            ["leftOut"] = new JsonArray([.. comparison.LeftOut.Select(a => (JsonNode)a)]),
        };
    }

    private static JsonObject Checkpoint(CheckpointComparison comparison, EvaluatedCheckpoint checkpoint) => new()
    {
        ["label"] = checkpoint.Label, ["source"] = checkpoint.Source, ["evidence"] = checkpoint.EvidencePath,
        ["attacks"] = List(comparison.Rows.Where(r => r.Checkpoint == checkpoint), Row),
    };

    private static JsonObject Row(CheckpointRow row) => new()
    {
        ["name"] = row.Attack.Name, ["step"] = Number(row.Attack.Step), ["restarts"] = Number(row.Attack.Restarts),
        ["average"] = Number(row.Accuracy.Average), ["averageLow"] = Number(row.Average.Low),
        ["averageHigh"] = Number(row.Average.High), ["macro"] = Number(row.Accuracy.Macro),
        ["worst"] = Number(row.Accuracy.Worst), ["worstClass"] = row.Accuracy.WorstClass,
        ["worstLow"] = Number(row.Accuracy.WorstBound.Low), ["worstHigh"] = Number(row.Accuracy.WorstBound.High),
        ["std"] = Number(row.Accuracy.Std), ["spread"] = Number(row.Accuracy.Spread),
        ["rho"] = Number(row.Against?.Rho ?? double.NaN),
        ["elasticity"] = Number(row.Against?.Elasticity ?? double.NaN),
        ["perClass"] = List(row.Accuracy.PerClass, c => new JsonObject
        {
            ["class"] = c.Class, ["name"] = c.Name, ["n"] = c.N, ["correct"] = c.Correct,
            ["accuracy"] = Number(c.Accuracy), ["low"] = Number(c.Low), ["high"] = Number(c.High),
            ["risk"] = Number(c.Risk),
        }),
    };

    private static JsonObject Test(CheckpointComparison comparison, CheckpointTest test) => new()
    {
        ["label"] = test.Label, ["baseline"] = comparison.Baseline?.Label, ["attack"] = test.Attack,
        ["class"] = test.Class, ["n"] = test.Test.N, ["onlyBaseline"] = test.Test.OnlyFirst,
        ["onlyOwn"] = test.Test.OnlySecond, ["difference"] = Number(test.Test.Difference),
        ["p"] = Number(test.Test.P), ["pCorrected"] = Number(test.Corrected),
    };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonObject> write) =>
        new([.. items.Select(item => (JsonNode?)write(item))]);

    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;
}
