namespace Codat.Native.Cli;

/// <summary>Chooses the view that fits what is at the other end of standard error.</summary>
internal static class TrainingView
{
    internal static ITrainingView Create(Session session, CancellationToken cancellation)
    {
        if (session.Quiet) return new SilentTrainingView();
        return session.Context.ErrorIsTerminal
            ? new TerminalTrainingView(TerminalConsole.Create(session.Context.Error), session.Context.Time, cancellation)
            : new PlainTrainingView(session.Context.Error, session.Context.Time);
    }
}
