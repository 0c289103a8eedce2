namespace Codat.Native.Robust;

/// <summary>The outcome of one attack of an evaluation, on its own.</summary>
/// <param name="Name">The attack as typed.</param>
/// <param name="Step">Step size; null where it means nothing.</param>
/// <param name="Restarts">Restarts; null where they mean nothing.</param>
/// <param name="Accuracy">Accuracy over images and classes.</param>
public sealed record AttackResult(string Name, double? Step, int? Restarts, ClassAccuracy Accuracy)
{
    /// <summary>K x K counts, true class by row and answer by column, row-major; null where not counted.</summary>
    public long[]? Flow { get; init; }

    /// <summary>What each part of the attack saw on its way; null where that was not noted.</summary>
    public IReadOnlyList<PartTelemetry>? Telemetry { get; init; }

    /// <summary>How far the images it ended with are from the clean ones; null where that was not noted.</summary>
    public ChangeAudit? Change { get; init; }

    /// <summary>What the worst class and the average are against a baseline; null without one.</summary>
    public AgainstBaseline? Baseline { get; init; }
}
