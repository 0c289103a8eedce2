using Spectre.Console;

namespace Codat.Native.Cli;

/// <summary>Chooses the view that fits what is at the other end of standard error.</summary>
internal static class TrainingView
{
    private const int MinWidth = 40;

    internal static ITrainingView Create(Session session, CancellationToken cancellation)
    {
        if (session.Quiet) return new SilentTrainingView();
        if (session.Context.ErrorIsTerminal)
        {
            IAnsiConsole console = TerminalConsole.Create(session.Context.Error);
            if (console.Profile.Width >= MinWidth)
                return new TerminalTrainingView(console, session.Context.Time, cancellation);
        }
        return new PlainTrainingView(session.Context.Error, session.Context.Time);
    }
}
