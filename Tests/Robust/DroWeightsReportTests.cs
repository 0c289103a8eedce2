using System.Text.Json;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class DroWeightsReportTests
{
    [Test]
    public void ToJson_SmallProblem_HasExactlyTheKeysOfTheContractInOrder()
    {
        var result = WeightsReport.Solve([3.0, 1.0], default, new ChiSquareBall(0.25));

        using var json = JsonDocument.Parse(WeightsReport.ToJson(result));

        Assert.That(Keys(json.RootElement), Is.EqualTo(new[] { "eta", "mean", "variance", "exact", "published" }));
        Assert.That(Keys(json.RootElement.GetProperty("exact")),
            Is.EqualTo(new[] { "weights", "objective", "radius", "kkt", "gap", "active" }));
        Assert.That(Keys(json.RootElement.GetProperty("published")),
            Is.EqualTo(new[] { "weights", "objective", "negative" }));
        Assert.That(json.RootElement.GetProperty("mean").GetDouble(), Is.EqualTo(2));
        Assert.That(json.RootElement.GetProperty("exact").GetProperty("weights")[0].GetDouble(), Is.EqualTo(0.75));
        Assert.That(json.RootElement.GetProperty("exact").GetProperty("radius").GetDouble(), Is.EqualTo(0.25));
    }

    [Test]
    public void ToJson_AwkwardNumbers_ReadBackToTheSameBits()
    {
        double[] risk = [1.0 / 3, 2e-7, Math.PI * 1e5, 0.1 + 0.2];

        var result = WeightsReport.Solve(risk, [0.1, 0.2, 0.3, 0.4], new ChiSquareBall(1.0 / 7));

        using var json = JsonDocument.Parse(WeightsReport.ToJson(result));
        var exact = json.RootElement.GetProperty("exact");
        var weights = exact.GetProperty("weights").EnumerateArray().Select(e => e.GetDouble()).ToArray();
        Assert.That(weights, Is.EqualTo(result.Exact.Weights));
        Assert.That(exact.GetProperty("kkt").GetDouble(), Is.EqualTo(result.Exact.Kkt));
        Assert.That(json.RootElement.GetProperty("variance").GetDouble(), Is.EqualTo(result.Variance));
    }

    [Test]
    public void ToJson_OneLineNoCulture_NullForNotANumber()
    {
        var result = new WeightsResult(0.5, double.NaN, 1,
            new ExactWeights([0.5, double.NaN], 1, double.PositiveInfinity, 0, 0, 1), null);

        var text = WeightsReport.ToJson(result);

        const string Expected = "{'eta':0.5,'mean':null,'variance':1,'exact':{'weights':[0.5,null],'objective':1,"
            + "'radius':null,'kkt':0,'gap':0,'active':1},'published':null}";
        Assert.That(text, Is.EqualTo(Expected.Replace('\'', '"')));
    }

    [Test]
    public void Solve_BadInput_SaysWhatToFix()
    {
        var ball = new ChiSquareBall(0.3);

        Assert.That(() => WeightsReport.Solve([1, double.NaN], default, ball),
            Throws.TypeOf<CodatException>().With.Message.EqualTo(
                "A class risk is not usable (class 1); expected a finite number, found NaN"));
        Assert.That(() => WeightsReport.Solve([1, 2], [1, -1], ball),
            Throws.TypeOf<CodatException>().With.Message.Contains("class 1"));
        Assert.That(() => WeightsReport.Solve([1, 2], [1], ball),
            Throws.TypeOf<CodatException>().With.Message.Contains("expected 2 numbers, found 1"));
        Assert.That(() => WeightsReport.Solve([1, 2], default, new ChiSquareBall(-0.5)),
            Throws.TypeOf<CodatException>().With.Message.Contains("--eta"));
        Assert.That(() => WeightsReport.Solve([], default, ball), Throws.TypeOf<CodatException>());
    }

    private static string[] Keys(JsonElement element) => element.EnumerateObject().Select(p => p.Name).ToArray();
}
