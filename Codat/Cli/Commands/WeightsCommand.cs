using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat weights</c></summary>
internal sealed class WeightsCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
        => Make("weights", "Compute class weights and their certificate for given class risks.", context, Run,
            Text("risks", "LIST", "class risks, separated by commas"),
            Text("file", "FILE", "class risks: npy of float32 or float64, or one line of numbers"),
            Text("prior", "FILE|LIST", "prior over classes: a file or numbers separated by commas", "uniform"),
            Text("eta", "X", "radius of the ball; for cvar the share"),
            Text("ball", "KIND", "chi2: sum (p-p0)^2/p0, kl: KL(p||p0), reverse-kl: KL(p0||p), cvar: p <= p0/eta",
                "chi2"));

    private static int Run(Given given, Session session)
    {
        WeightsOptions options = Read(given);
        JsonObject result = EngineBinding.Weights(options);
        session.Result(result, output => Write(result, options, output));
        return ExitCode.Done;
    }

    private static WeightsOptions Read(Given given)
    {
        if (given.Has("risks") == given.Has("file"))
        {
            bool both = given.Has("file");
            throw new CodatException(both ? "options contradict each other" : "a required option is missing",
                "--risks", "--risks LIST or --file FILE", both ? "both" : "neither");
        }
        string file = given.Text("file") ?? "";
        double[] risks = given.Text("risks") is string text
            ? VectorText.Parse(text, "--risks")
            : VectorText.ReadFile(file);
        double[] prior = new double[risks.Length];
        Array.Fill(prior, 1.0 / risks.Length);
        if (given.Text("prior") is string typed and not "uniform")
        {
            // A list of numbers is a list; everything else is a file, as is a list that names one.
            prior = File.Exists(typed) || !typed.Contains(',', StringComparison.Ordinal)
                ? VectorText.ReadFile(typed)
                : VectorText.Parse(typed, "--prior");
            PriorSpec.Check(prior, risks.Length, "--prior");
        }
        string eta = given.Required("eta", "X");
        return CommonSymbols.With(new WeightsOptions
        {
            Risks = risks,
            Prior = prior,
            Eta = TrainSettings.ParseEta(eta, "--eta"),
            Ball = given.Read("ball", SettingNames.Balls.Parse, BallKind.Chi2),
        }, given);
    }

    private static void Write(JsonObject result, WeightsOptions options, TextWriter output)
    {
        JsonArray exact = result["exact"]?["weights"] as JsonArray ?? [];
        JsonArray? published = result["published"]?["weights"] as JsonArray;
        var table = new TextTable("class", "risk", "prior", "exact", "published");
        for (int k = 0; k < options.Risks.Length; k++)
        {
            table.Add(k.ToString(CultureInfo.InvariantCulture), Numbers.Short(options.Risks[k]),
                Numbers.Short(options.Prior[k]), Numbers.Short(Numbers.Value(exact[k])),
                Numbers.Short(Numbers.Value(published?[k])));
        }
        table.Write(output);
        output.WriteLine($"mean {Numbers.Short(result.Number("mean"))}, "
            + $"variance {Numbers.Short(result.Number("variance"))}, eta {Numbers.Short(result.Number("eta"))}");
        JsonNode? solved = result["exact"];
        output.WriteLine($"exact: objective {Numbers.Short(solved.Number("objective"))}, "
            + $"radius {Numbers.Short(solved.Number("radius"))}, active {Numbers.Short(solved.Number("active"))}, "
            + $"kkt {Numbers.Short(solved.Number("kkt"))}, gap {Numbers.Short(solved.Number("gap"))}");
        if (result["published"] is JsonNode closed)
        {
            output.WriteLine($"published: objective {Numbers.Short(closed.Number("objective"))}, "
                + $"negative weights {Numbers.Short(closed.Number("negative"))}");
        }
    }
}
