namespace Codat.Native.Robust;

/// <summary>An evaluation that was enqueued, and the way to its result once the device has made it.</summary>
/// <remarks>The results of the last 8 calls of predictions and evaluations together are kept.</remarks>
public readonly record struct EvaluationReading
{
    private readonly CodatEngine? _engine;
    private readonly AttackSpec? _attack;
    private readonly long _clean, _attacked;
    private readonly int _rows;

    internal EvaluationReading(CodatEngine engine, AttackSpec? attack, long clean, long attacked, int rows) =>
        (_engine, _attack, _clean, _attacked, _rows) = (engine, attack, clean, attacked, rows);

    /// <summary>Waits for the result.</summary>
    public BatchEvaluation Read() => _engine is { } engine
        ? engine.ReadEvaluation(_attack, _clean, _attacked, _rows)
        : throw new InvalidOperationException("nothing has been evaluated");
}
