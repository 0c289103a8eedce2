using System.CommandLine;

namespace Codat.Native.Cli;

/// <summary><c>codat info</c></summary>
internal sealed class InfoCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
        => Make("info", "Show devices, instructions, threads and versions.", context, (given, session) =>
        {
            SystemInfo info = SystemInfo.Collect(CommonSymbols.With(new Robust.InfoOptions(), given).Threads);
            session.Result(info, info.Write);
            return ExitCode.Done;
        });
}
