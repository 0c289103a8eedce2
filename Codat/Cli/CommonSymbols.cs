using System.CommandLine;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>The options every command understands.</summary>
internal static class CommonSymbols
{
    /// <summary>New symbols for one parse.</summary>
    internal static Option[] All =>
    [
        Text("device", "DEVICE", "device: auto, cpu, cuda or cuda:N", "auto"),
        Text("seed", "N", "seed of everything random", "0"),
        Text("threads", "N", "threads used", "all"),
        Switch("json", "one machine-readable object on standard output, everything else on standard error"),
        Switch("quiet", "no progress and no notices; never suppresses --json"),
        Switch("verbose", "more notices, and stack traces of errors"),
    ];

    /// <summary>Names of the common options without dashes.</summary>
    internal static bool IsCommon(string name) => name is "device" or "seed" or "threads";

    /// <summary>Refuses what cannot be meant together.</summary>
    internal static void Check(Given given)
    {
        if (given.Switch("quiet") && given.Switch("verbose"))
        {
            throw new CodatException("options contradict each other", "--quiet", "--quiet or --verbose", "both",
                "leave out one of them");
        }
    }

    /// <summary>Sets the members every options record has.</summary>
    internal static T With<T>(T options, Given given)
        where T : CommonOptions
        => options with
        {
            Device = given.Read("device", DeviceSpec.Parse, DeviceSpec.Auto),
            Seed = given.Read("seed", SettingText.Seed, 0UL),
            Threads = given.Read("threads", TrainSettings.ParseThreads, null),
            Json = given.Switch("json"),
            Quiet = given.Switch("quiet"),
            Verbose = given.Switch("verbose"),
        };

    private static Option<string> Text(string name, string value, string summary, string fallback)
        => new("--" + name)
        {
            HelpName = value,
            Description = $"{summary} [default: {fallback}]",
            Recursive = true,
            Arity = ArgumentArity.ExactlyOne,
        };

    private static Option<bool> Switch(string name, string summary)
        => new("--" + name) { Description = summary, Recursive = true };
}
