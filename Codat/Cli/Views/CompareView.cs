using Codat.Native.Robust;
using Spectre.Console;

namespace Codat.Native.Cli;

/// <summary>Chooses the view of a comparison that fits what is at the other end of standard error.</summary>
internal static class CompareView
{
    private const int MinWidth = 60;

    internal static ICompareView Create(Session session, CancellationToken cancellation)
    {
        if (!session.Quiet && session.Context.ErrorIsTerminal)
        {
            IAnsiConsole console = TerminalConsole.Create(session.Context.Error);
            if (console.Profile.Width >= MinWidth)
                return new TerminalCompareView(console, session.Context.Time, cancellation);
        }
        return new PlainCompareView(session.Quiet ? TextWriter.Null : session.Context.Error, session.Context.Time);
    }
}
