namespace Codat.Native.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    internal const int Done = 0;

    internal const int Failed = 1;

    /// <summary>Bad usage or bad input: nothing was changed on disk.</summary>
    internal const int Usage = 2;

    /// <summary>128 plus the number of the interrupt signal, as shells have it.</summary>
    internal const int Cancelled = 130;
}
