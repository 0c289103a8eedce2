using System.CommandLine;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat train</c></summary>
internal sealed class TrainCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
    {
        var symbols = new List<Symbol>();
        foreach (TrainSetting setting in TrainSettings.All)
        {
            if (CommonSymbols.IsCommon(setting.Name)) continue;
            symbols.Add(setting.Value is not string value ? Switch(setting.Name, setting.Summary)
                : setting.IsList ? Repeated(setting.Name, value, setting.Summary, setting.Default)
                : Text(setting.Name, value, setting.Summary, setting.Default));
        }
        symbols.Add(Text("resume", "DIR", "continue this run, bit for bit; a finished run says so"));
        symbols.Add(Text("config", "FILE", "settings of a config.json; options typed here win"));
        symbols.Add(Text("help-objective", "NAME", "print a method's rule, paper and numbers, and leave"));
        return Make("train", "Train a robust classifier; CODAT unless told otherwise.", context,
            (given, session) => Run(given, session, cancellation), symbols.ToArray());
    }

    private static int Run(Given given, Session session, CancellationToken cancellation)
    {
        if (given.Text("help-objective") is string method)
        {
            ObjectiveText.Write(SettingNames.ParseObjective(method, "--help-objective"), session);
            return ExitCode.Done;
        }
        ITrainingView view = TrainingView.Create(session, cancellation);
        TrainResult result;
        if (given.Text("resume") is string folder)
        {
            CheckResume(given);
            var options = CommonSymbols.With(new ResumeOptions { Resume = folder }, given);
            result = view.Run(() => EngineBinding.Resume(options, view, cancellation));
        }
        else
        {
            TrainOptions options = Resolve(given);
            // Refused before anything is loaded, and before anything is changed.
            RunFolder.Choose(options, session.Context.Time);
            result = view.Run(() => EngineBinding.Train(options, view, cancellation));
        }
        session.Result(result, output => TrainText.Write(result, output));
        return Leave(result, session);
    }

    private static int Leave(TrainResult result, Session session)
    {
        if (result.Stopped == "cancelled")
        {
            session.Notice($"stopped; continue with: codat train --resume {result.Run}");
            return ExitCode.Cancelled;
        }
        if (result.WasFinished)
            session.Notice($"the run has finished already; there is nothing to continue: {result.Run}");
        if (result.Stopped != "nan") return ExitCode.Done;
        session.Context.Error.WriteLine($"error: {result.Failure?.Message ?? "the loss is not a finite number"}");
        session.Notice($"continue from the last good state with: codat train --resume {result.Run}");
        return ExitCode.Failed;
    }

    private static TrainOptions Resolve(Given given)
    {
        SettingLayer typed = SettingLayer.Empty;
        foreach (TrainSetting setting in TrainSettings.All)
        {
            if (!given.Has(setting.Name)) continue;
            typed.Add(setting.Name, setting.IsSwitch
                ? given.Switch(setting.Name) ? "true" : "false"
                : given.Text(setting.Name) ?? "");
        }
        SettingLayer config = given.Text("config") is string file ? TrainConfig.ReadLayer(file) : SettingLayer.Empty;
        TrainOptions options = TrainResolver.Resolve(typed, config, EngineBinding.ShapeOf);
        return options with
        {
            Json = given.Switch("json"),
            Quiet = given.Switch("quiet"),
            Verbose = given.Switch("verbose"),
        };
    }

    // Anything else would make another run of it.
    private static void CheckResume(Given given)
    {
        foreach (TrainSetting setting in TrainSettings.All)
        {
            if (given.Has(setting.Name) && setting.Name is not ("device" or "threads")) throw Refused(setting.Name);
        }
        if (given.Has("config")) throw Refused("config");

        static CodatException Refused(string name) => new("option cannot go with --resume", "--" + name,
            "only --device, --threads, --json, --quiet, --verbose", fix: $"leave out --{name}, or start a new run");
    }
}
