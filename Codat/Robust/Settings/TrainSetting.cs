using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>One setting of a training run: its name, its help, and how its text becomes a member and back.</summary>
/// <param name="Name">The option name without dashes.</param>
/// <param name="Value">What stands for the value in help texts; null for a switch.</param>
/// <param name="Default">The default as help texts state it.</param>
/// <param name="Summary">One line of help.</param>
/// <param name="Apply">Sets the member from text; the last argument is the place the text came from.</param>
/// <param name="Write">The value as it stands in <c>config.json</c>.</param>
internal sealed record TrainSetting(string Name, string? Value, string Default, string Summary,
    Func<TrainOptions, string, string, TrainOptions> Apply, Func<TrainOptions, JsonNode?> Write)
{
    /// <summary>True for a switch, which is true when it is named.</summary>
    internal bool IsSwitch => Value is null;

    /// <summary>True where the option may be given again and again, and an object stands for it in JSON.</summary>
    internal bool IsList { get; init; }

    /// <summary>False for <c>out</c>: a run that is repeated goes to a folder of its own.</summary>
    internal bool InConfig { get; init; } = true;

    /// <summary>True for a setting that came later: at its default it is left out of the hash, so that runs made before
    /// keep theirs.</summary>
    internal bool IsLater { get; init; }

    /// <summary>False for what says where and how a run is computed, not what it computes.</summary>
    internal bool InHash { get; init; } = true;
}
