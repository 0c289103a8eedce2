using System.Globalization;
using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Solves for given risks and writes the result as the JSON object of <c>codat weights</c>.</summary>
public static class WeightsReport
{
    /// <summary>Solves both weightings of K risks and certifies the exact one.</summary>
    /// <param name="risk">K class risks.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform.</param>
    /// <param name="ball">The ball of radius eta.</param>
    /// <exception cref="CodatException">A risk, a prior or the radius is not usable; the message names it.</exception>
    public static WeightsResult Solve(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, ChiSquareBall ball) =>
        Solve(risk, prior, BallKind.Chi2, ball.Radius);

    /// <summary>Solves for K risks and certifies the result; only the chi-square ball has published weights.</summary>
    /// <param name="risk">K class risks.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform.</param>
    /// <param name="ball">The kind of ball.</param>
    /// <param name="eta">Its radius; for cvar the share.</param>
    /// <exception cref="CodatException">A risk, a prior or the radius is not usable; the message names it.</exception>
    public static WeightsResult Solve(
        ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, BallKind ball, double eta)
    {
        if (!prior.IsEmpty && prior.Length != risk.Length)
        {
            throw new CodatException("The prior does not fit the risks", "--prior", $"{risk.Length} numbers",
                prior.Length.ToString(CultureInfo.InvariantCulture), "give one prior for each class");
        }

        var exact = new double[risk.Length];
        var solution = BallWeights.Solve(ball, risk, prior, eta, exact);
        ThrowIfFailed(solution, risk, prior, ball, eta);
        var certificate = BallCertificate.Compute(ball, risk, prior, eta, exact);
        return new WeightsResult(eta, solution.Mean, solution.Variance,
            new ExactWeights(exact, solution.Objective, certificate.Radius, certificate.Kkt, certificate.Gap,
                certificate.Active),
            ball == BallKind.Chi2 ? Published(risk, prior, eta) : null);
    }

    /// <summary>The result as one line of JSON; numbers read back to the same bits, not-a-number is null.</summary>
    public static string ToJson(WeightsResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return JsonNumbers.ToText(writer => Write(writer, result));
    }

    /// <summary>Writes the result as a JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, WeightsResult result)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(result);
        writer.WriteStartObject();
        writer.WriteFinite("eta", result.Eta);
        writer.WriteFinite("mean", result.Mean);
        writer.WriteFinite("variance", result.Variance);

        writer.WriteStartObject("exact");
        writer.WriteArray("weights", result.Exact.Weights);
        writer.WriteFinite("objective", result.Exact.Objective);
        writer.WriteFinite("radius", result.Exact.Radius);
        writer.WriteFinite("kkt", result.Exact.Kkt);
        writer.WriteFinite("gap", result.Exact.Gap);
        writer.WriteNumber("active", result.Exact.Active);
        writer.WriteEndObject();

        if (result.Published is { } published)
        {
            writer.WriteStartObject("published");
            writer.WriteArray("weights", published.Weights);
            writer.WriteFinite("objective", published.Objective);
            writer.WriteNumber("negative", published.Negative);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("published");
        }

        writer.WriteEndObject();
    }

    private static PublishedWeights Published(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, double eta)
    {
        var weights = new double[risk.Length];
        var solution = ChiSquareWeights.Published(risk, prior, new ChiSquareBall(eta), weights);
        return new PublishedWeights(weights, solution.Objective, solution.Negative);
    }

    private static void ThrowIfFailed(in ChiSquareSolution solution, ReadOnlySpan<double> risk,
        ReadOnlySpan<double> prior, BallKind ball, double eta)
    {
        var k = solution.BadClass;
        switch (solution.Status)
        {
            case DroStatus.Ok:
                return;
            case DroStatus.RiskNotFinite:
                throw new CodatException("A class risk is not usable", $"class {k}", "a finite number",
                    Text(risk[k]));
            case DroStatus.PriorInvalid when k >= 0:
                throw new CodatException("A class prior is not usable", $"class {k}", "a finite number, 0 or more",
                    Text(prior[k]));
            case DroStatus.PriorInvalid:
                throw new CodatException("The priors do not have a finite sum", "--prior", fix: "scale them down");
            case DroStatus.RadiusInvalid:
                throw new CodatException("The radius is not usable", "--eta",
                    ball == BallKind.Cvar ? "a share above 0 and at most 1" : "a finite number, 0 or more", Text(eta));
            default:
                throw new CodatException("There is no class to weight", "--risks",
                    "at least one class with a positive prior", "none");
        }
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
