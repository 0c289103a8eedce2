using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>How a comparison ended.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Result">What <c>--json</c> prints, over the runs that are done.</param>
/// <param name="Comparison">The same for programs.</param>
/// <param name="Planned">Runs of the plan.</param>
/// <param name="Failures">Runs that failed, and why.</param>
/// <param name="Cancelled">True where it was stopped before the end.</param>
internal sealed record CompareOutcome(string Folder, JsonObject Result, Comparison Comparison, int Planned,
    IReadOnlyList<(PlannedRun Run, string Why)> Failures, bool Cancelled);
