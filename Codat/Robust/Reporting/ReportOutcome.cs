using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>What a report left behind.</summary>
/// <param name="Page">Path of the page.</param>
public sealed record ReportOutcome(string Page)
{
    /// <summary>Path of the table of accuracies and tests, or null where nothing was evaluated.</summary>
    public string? Table { get; init; }

    /// <summary>Path of <see cref="Comparison"/> as a file, or null where nothing was evaluated.</summary>
    public string? Result { get; init; }

    /// <summary>
    /// Checkpoints with their accuracies by attack and class, and tests against the baseline; null where nothing was
    /// evaluated.
    /// </summary>
    public JsonObject? Comparison { get; init; }
}
