namespace Codat.Native.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        using var interrupts = new Interrupts();
        return CommandLine.Run(args, CliContext.OfProcess(), interrupts.Token);
    }
}
