using System.Globalization;
using System.Text.Json;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary><c>codat weights --ball</c> of the balls that rivals use: the weights that are printed, by value.</summary>
internal sealed class WeightsBallTests
{
    /// <summary>What the zoomed grid leaves open.</summary>
    private const double GridTolerance = 1e-7;

    private static readonly double[] s_risk = [0.4, 1.9, 1.1], s_prior = [0.5, 0.2, 0.3];

    [TestCase("kl", BallKind.Kl, 0.15)]
    [TestCase("reverse-kl", BallKind.ReverseKl, 0.15)]
    [TestCase("cvar", BallKind.Cvar, 0.35)]
    public void Json_WeightsOfABall_AreTheBestOfItsPoints(string name, BallKind ball, double eta)
    {
        var json = Json(name, eta, "0.5,0.2,0.3");

        var exact = json.GetProperty("exact");
        var weights = Weights(exact);
        Assert.That(weights.Sum(), Is.EqualTo(1).Within(1e-14));
        Assert.That(weights, Has.All.GreaterThanOrEqualTo(0));
        Assert.That(BallReference.Divergence(ball, weights, s_prior),
            Is.EqualTo(BallReference.Limit(ball, eta)).Within(1e-9), "the worst point is on the edge");
        Assert.That(DroReference.Dot(weights, s_risk),
            Is.EqualTo(BallReference.BruteForce(ball, s_risk, s_prior, eta)).Within(GridTolerance));
        Assert.That(exact.GetProperty("objective").GetDouble(),
            Is.EqualTo(DroReference.Dot(weights, s_risk)).Within(1e-14));
        Assert.That(json.GetProperty("eta").GetDouble(), Is.EqualTo(eta));
        // A share is printed as a share.
        Assert.That(exact.GetProperty("radius").GetDouble(), Is.EqualTo(eta).Within(1e-9));
        Assert.That(exact.GetProperty("kkt").GetDouble(), Is.InRange(0, 1e-8));
        Assert.That(exact.GetProperty("gap").GetDouble(), Is.EqualTo(0).Within(1e-9));
        Assert.That(exact.GetProperty("active").GetInt32(), Is.EqualTo(weights.Count(w => w > 0)));
        Assert.That(json.GetProperty("mean").GetDouble(), Is.EqualTo(0.91).Within(1e-15), "of the prior");
        Assert.That(json.GetProperty("published").ValueKind, Is.EqualTo(JsonValueKind.Null), "chi2 alone has them");
    }

    // The conditions of the optimum: its multipliers follow from two classes, and the third must agree.
    [Test]
    public void Json_WeightsOfKl_AreThePriorTiltedByOneTemperature()
    {
        var w = Weights(Json("kl", 0.15, "0.5,0.2,0.3").GetProperty("exact"));

        var tilt = Enumerable.Range(0, 3).Select(k => Math.Log(w[k] / s_prior[k])).ToArray();
        var slope = (tilt[1] - tilt[0]) / (s_risk[1] - s_risk[0]);
        Assert.That(slope, Is.Positive);
        Assert.That((tilt[2] - tilt[0]) / (s_risk[2] - s_risk[0]), Is.EqualTo(slope).Within(1e-9));
    }

    [Test]
    public void Json_WeightsOfReverseKl_AreThePriorOverOneDistance()
    {
        var w = Weights(Json("reverse-kl", 0.15, "0.5,0.2,0.3").GetProperty("exact"));

        // p0 / p is (mu - H) / lambda: a straight line that falls with the risk and is still positive at the largest.
        var ratio = Enumerable.Range(0, 3).Select(k => s_prior[k] / w[k]).ToArray();
        var slope = (ratio[1] - ratio[0]) / (s_risk[1] - s_risk[0]);
        Assert.That(slope, Is.Negative);
        Assert.That((ratio[2] - ratio[0]) / (s_risk[2] - s_risk[0]), Is.EqualTo(slope).Within(1e-9));
    }

    [Test]
    public void Json_WeightsOfCvar_AreTheWorstShareOfThePrior()
    {
        var w = Weights(Json("cvar", 0.35, "0.5,0.2,0.3").GetProperty("exact"));

        // 0.2 of the mass is of the worst class, the 0.15 that are left of the next.
        Assert.That(w, Is.EqualTo(new[] { 0, 0.2 / 0.35, 0.15 / 0.35 }).Within(1e-15));
    }

    [TestCase("kl", BallKind.Kl, 0.3)]
    [TestCase("reverse-kl", BallKind.ReverseKl, 0.3)]
    [TestCase("cvar", BallKind.Cvar, 0.3)]
    public void Json_NoPriorGiven_IsTheUniformOne(string name, BallKind ball, double eta)
    {
        var expected = new double[3];
        BallWeights.Solve(ball, s_risk, [], eta, expected);

        Assert.That(Weights(Json(name, eta, "uniform").GetProperty("exact")), Is.EqualTo(expected));
        Assert.That(Weights(Json(name, eta, "0.5,0.2,0.3").GetProperty("exact")),
            Is.Not.EqualTo(expected).Within(1e-3));
    }

    [Test]
    public void Text_OfABall_HasARowPerClassAndNoPublishedWeights()
    {
        var run = CliRun.Invoke("weights", "--risks", "0.4,1.9,1.1", "--prior", "0.5,0.2,0.3",
            "--ball", "cvar", "--eta", "0.4");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        var cells = run.Output.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.That(cells[0], Is.EqualTo(new[] { "class", "risk", "prior", "exact", "published" }));
        Assert.That(cells.Where(c => c.Length > 3 && c[0] is "0" or "1" or "2").Select(c => c[..4]), Is.EqualTo(new[]
        {
            new[] { "0", "0.4", "0.5", "0" }, ["1", "1.9", "0.2", "0.5"], ["2", "1.1", "0.3", "0.5"],
        }));
        Assert.That(run.Output, Does.Contain("exact: objective 1.5, radius 0.4, active 2"));
        Assert.That(run.Output, Does.Not.Contain("published:"));
    }

    private static JsonElement Json(string ball, double eta, string prior)
    {
        var run = CliRun.Invoke("weights", "--risks", "0.4,1.9,1.1", "--prior", prior, "--ball", ball,
            "--eta", eta.ToString(CultureInfo.InvariantCulture), "--json");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.Json;
    }

    private static double[] Weights(JsonElement exact) =>
        [.. exact.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble())];
}
