using System.CommandLine;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat compare</c></summary>
internal sealed class CompareCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
    {
        var plan = new Argument<string>("PLAN")
        {
            Description = "a plan file, or a ready plan: " + string.Join(", ", PlanFile.Ready),
        };
        return Make("compare", "Train methods, seeds and settings side by side from one plan; resumable.", context,
            (given, session) => Run(given, session, given.Word(plan), cancellation),
            plan,
            Text("out", "DIR", "folder of the comparison; the same one continues it", "runs/compare-NAME"),
            Text("done", "FILE", "lines of finished runs (runs.jsonl) that are not run again"));
    }

    private static int Run(Given given, Session session, string plan, CancellationToken cancellation)
    {
        if (given.Has("seed"))
            throw new CodatException("option cannot go with compare", "--seed", fix: "list seeds in the plan");
        ICompareView view = CompareView.Create(session, cancellation);
        CompareOutcome outcome = view.Run(() => EngineBinding.Compare(new CompareOptions
        {
            Plan = plan,
            Out = given.Text("out"),
            Done = given.Text("done"),
            Device = given.Has("device") ? given.Read("device", DeviceSpec.Parse, DeviceSpec.Auto) : null,
            Threads = given.Read("threads", TrainSettings.ParseThreads, null),
            ShapeOf = EngineBinding.ShapeOf,
            Evaluate = (options, token) => EngineBinding.Eval(options, view, token),
        }, view, cancellation));
        session.Result(outcome.Result, output => CompareText.Write(outcome, output));
        return Leave(outcome, session, plan);
    }

    private static int Leave(CompareOutcome outcome, Session session, string plan)
    {
        foreach ((PlannedRun run, string why) in outcome.Failures)
            session.Context.Error.WriteLine($"error: {run.Label}, seed {run.Seed}: {why}");
        if (outcome.Cancelled)
        {
            session.Notice($"stopped; continue with: codat compare {plan} --out {outcome.Folder}");
            return ExitCode.Cancelled;
        }
        return outcome.Failures.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
