using System.CommandLine;

namespace Codat.Native.Cli;

/// <summary>All commands and the options they share.</summary>
internal static class CommandTree
{
    private const string About =
        "Trains and evaluates image classifiers that stay accurate under attack for every class.\n"
        + "Exit codes: 0 done, 1 failed while running, 2 bad usage or bad input, 130 cancelled.";

    internal static RootCommand Build(CliContext context, CancellationToken cancellation)
    {
        var root = new RootCommand(About);
        foreach (Option option in CommonSymbols.All) root.Add(option);
        CliCommand[] commands =
        [
            new TrainCommand(), new EvalCommand(), new AttackCommand(), new PredictCommand(), new WeightsCommand(),
            new CompareCommand(), new ReportCommand(), new DataCommand(), new ExportCommand(), new ImportCommand(),
            new ProfileCommand(), new InfoCommand(), new CacheCommand(),
        ];
        foreach (CliCommand command in commands) root.Add(command.Build(context, cancellation));
        return root;
    }
}
