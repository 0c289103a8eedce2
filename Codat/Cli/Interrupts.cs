using System.Runtime.InteropServices;

namespace Codat.Native.Cli;

/// <summary>Ctrl-C once asks the work to finish its step, save and leave; twice leaves now. SIGTERM asks.</summary>
internal sealed class Interrupts : IDisposable
{
    private const string ShowCursor = "\u001b[?25h\n";

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private int _count;

    internal Interrupts()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate);
    }

    internal CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            _source.Cancel();
            return;
        }
        // The live table hides the cursor; nobody else will bring it back.
        if (!Console.IsErrorRedirected) Console.Error.Write(ShowCursor);
        Environment.Exit(ExitCode.Cancelled);
    }

    private void OnTerminate(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
