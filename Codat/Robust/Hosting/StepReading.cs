namespace Codat.Native.Robust;

/// <summary>A step that was enqueued, and the way to its numbers once the device has made it.</summary>
/// <remarks>The numbers of the last 32 steps are kept.</remarks>
public readonly record struct StepReading
{
    private readonly CodatEngine? _engine;

    internal StepReading(CodatEngine engine, long number) => (_engine, Number) = (engine, number);

    /// <summary>The number of the step, from 1; 0 for none.</summary>
    public long Number { get; }

    /// <summary>Whether <see cref="Read()"/> would return at once.</summary>
    public bool IsReady => Engine.IsStepReady(Number);

    private CodatEngine Engine => _engine ?? throw new InvalidOperationException("no step has been made yet");

    /// <summary>Waits until the step is done, and returns its numbers.</summary>
    /// <exception cref="TrainingFailedException">A loss was not a number; the weights are those before the
    /// step.</exception>
    public StepReport Read()
    {
        var report = new StepReport(Engine.Network.Spec.Classes);
        Engine.ReadStep(Number, report);
        return report;
    }

    /// <summary>Waits until the step is done, and fills a report again: nothing is allocated.</summary>
    /// <exception cref="TrainingFailedException">A loss was not a number; the weights are those before the
    /// step.</exception>
    public void Read(StepReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Engine.ReadStep(Number, report);
    }
}
