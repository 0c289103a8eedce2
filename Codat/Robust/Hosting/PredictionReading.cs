namespace Codat.Native.Robust;

/// <summary>Predictions that were enqueued, and the way to them once the device has made them.</summary>
/// <remarks>The results of the last 8 calls of predictions and evaluations together are kept.</remarks>
public readonly record struct PredictionReading
{
    private readonly CodatEngine? _engine;
    private readonly long _number;
    private readonly int _rows;

    internal PredictionReading(CodatEngine engine, long number, int rows) =>
        (_engine, _number, _rows) = (engine, number, rows);

    /// <summary>Waits for the results.</summary>
    public Predictions Read() => _engine is { } engine
        ? engine.ReadPredictions(_number, _rows)
        : throw new InvalidOperationException("nothing has been predicted");
}
