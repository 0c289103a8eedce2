using System.Text.Json.Nodes;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>What <c>codat compare</c> was asked.</summary>
internal sealed record CompareOptions
{
    /// <summary>A plan file or the name of a ready plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The folder of the comparison, or null for <c>runs/compare-NAME</c>.</summary>
    public string? Out { get; init; }

    /// <summary>A file of lines of finished runs that count as done, or null.</summary>
    public string? Done { get; init; }

    /// <summary>The device instead of the plan's, or null.</summary>
    public DeviceSpec? Device { get; init; }

    /// <summary>The threads instead of the plan's, or null.</summary>
    public int? Threads { get; init; }

    /// <summary>The image shape of a data set whose name does not tell it.</summary>
    public required Func<string, string?, ulong, ImageShape?> ShapeOf { get; init; }

    /// <summary>What <c>codat eval</c> does: an evaluation of a checkpoint, in the shape of its JSON.</summary>
    public required Func<EvalOptions, CancellationToken, JsonObject> Evaluate { get; init; }
}
