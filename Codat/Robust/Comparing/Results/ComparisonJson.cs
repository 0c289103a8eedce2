using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>A comparison as <c>compare.json</c> and <c>--json</c> have it.</summary>
internal static class ComparisonJson
{
    /// <summary>The object.</summary>
    public static JsonObject Of(Comparison comparison) => new()
    {
        ["name"] = comparison.Name, ["baseline"] = comparison.Baseline,
        ["runs"] = List(comparison.Methods, Method), ["tests"] = List(comparison.Tests, Test),
    };

    private static JsonObject Method(ComparedMethod method) => new()
    {
        ["label"] = method.Label, ["settings"] = method.Settings.DeepClone(), ["seeds"] = List(method.Runs, Seed),
        ["attacks"] = List(method.Attacks, Attack),
        ["validation"] = method.ValidationAttack is { } attack ? new JsonObject
        {
            ["attack"] = attack, ["mean"] = Number(method.Validation.Mean), ["std"] = Number(method.Validation.Std),
        } : null,
        ["weights"] = method.Weights is { } weights ? Weights(weights) : null,
        ["optimalWeights"] = method.Optimal is { } optimal ? Weights(optimal) : null,
        ["variance"] = double.IsFinite(method.Variance) ? new JsonObject
        {
            ["mean"] = Number(method.Variance), ["std"] = Number(method.VarianceDeviation),
            ["relative"] = Number(method.VarianceDeviation / method.Variance),
        } : null,
    };

    private static JsonObject Seed(ComparedRun run) => new()
    {
        ["seed"] = run.Seed, ["run"] = run.Run, ["stopped"] = run.Stopped,
        ["imagesPerSecond"] = Number(run.ImagesPerSecond),
    };

    private static JsonObject Attack(ComparedAttack attack) => new()
    {
        ["name"] = attack.Name, ["average"] = Statistic(attack.Average), ["worst"] = Statistic(attack.Worst),
        ["spread"] = Statistic(attack.Spread), ["rho"] = Number(attack.Against?.Rho ?? double.NaN),
        ["elasticity"] = Number(attack.Against?.Elasticity ?? double.NaN),
        ["perClass"] = List(attack.PerClass, row => new JsonObject
        {
            ["class"] = row.Class, ["mean"] = Number(row.Accuracy.Mean), ["std"] = Number(row.Accuracy.Std),
        }),
        ["bimodality"] = attack.Bimodality is { } groups ? Bimodality(groups) : null,
        ["errors"] = attack.Errors is { } errors ? ErrorsJson.Of(errors) : null,
    };

    private static JsonObject Bimodality(ComparedBimodality groups) => new()
    {
        ["gap"] = new JsonObject
        {
            ["width"] = Number(groups.Gap.Mean), ["low"] = Number(groups.Gap.Low), ["high"] = Number(groups.Gap.High),
            ["below"] = groups.Split.Below, ["above"] = groups.Split.Above,
            ["distance"] = Number(groups.Split.Distance),
        },
        ["coefficient"] = new JsonObject
        {
            ["value"] = Number(groups.Coefficient.Mean), ["low"] = Number(groups.Coefficient.Low),
            ["high"] = Number(groups.Coefficient.High),
        },
        ["dip"] = new JsonObject { ["value"] = Number(groups.Dip), ["p"] = Number(groups.DipP) },
    };

    private static JsonObject Weights(ComparedWeights weights) => new()
    {
        ["perClass"] = new JsonArray([.. weights.PerClass.Select(Number)]),
        ["min"] = Number(weights.Least), ["max"] = Number(weights.Largest),
        ["effective"] = Number(weights.Effective), ["rankCorrelation"] = Number(weights.RankCorrelation),
        ["pointMass"] = Number(weights.PointMass),
    };

    private static JsonObject Test(ComparedTest test) => new()
    {
        ["label"] = test.Label, ["baseline"] = test.Baseline, ["attack"] = test.Attack,
        ["worstDifference"] = Number(test.Difference), ["low"] = Number(test.Low), ["high"] = Number(test.High),
        ["p"] = Number(test.P), ["pCorrected"] = Number(test.Corrected),
    };

    private static JsonObject Statistic(SeedStatistic value) => new()
    {
        ["mean"] = Number(value.Mean), ["std"] = Number(value.Std), ["low"] = Number(value.Low),
        ["high"] = Number(value.High),
    };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonObject> write) =>
        new([.. items.Select(item => (JsonNode?)write(item))]);

    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;
}
