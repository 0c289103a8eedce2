using System.CommandLine;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat report</c></summary>
internal sealed class ReportCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
    {
        var runs = new Argument<string[]>("RUN") 
        {
            Description = "run folders, or outputs of eval --json", Arity = ArgumentArity.OneOrMore,
        };
        return Make("report", "Make one HTML page of runs or evaluations, and test them against a baseline.", context,
            (given, session) => Run(given, session, given.Words(runs)),
            runs,
            Text("baseline", "RUN", "the one the others are measured against (McNemar where both have evidence)"),
            Text("out", "DIR", "folder of the page", "the run folder of a single run, else the current folder"));
    }

    private static int Run(Given given, Session session, IReadOnlyList<string> runs)
    {
        foreach (string run in runs)
        {
            if (!Directory.Exists(run) && !File.Exists(run))
                throw new CodatException("there is no such run", run, "a run folder, or the output of eval --json");
        }
        ReportOptions options = CommonSymbols.With(new ReportOptions
        {
            Runs = runs,
            Baseline = given.Text("baseline"),
            Out = given.Text("out"),
        }, given);
        JsonObject result = EngineBinding.Report(options);
        session.Result(result, output => ReportText.Write(result, output));
        return ExitCode.Done;
    }
}
