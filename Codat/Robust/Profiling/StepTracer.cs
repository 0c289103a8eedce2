using System.Diagnostics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>Runs training steps eagerly and takes them apart.</summary>
/// <remarks>Slower than a step left alone. Until it is disposed of, the step's plans are watched.</remarks>
internal abstract class StepTracer(StepProgram step) : IDisposable
{
    private const double PerSecond = 1e6;

    protected StepProgram Step { get; } = step;

    /// <summary>The tracer for the device the step runs on.</summary>
    public static StepTracer Create(StepProgram step) => step.Network.Device switch
    {
        CudaDevice cuda => new CudaStepTracer(step, cuda),
        CpuDevice cpu => new CpuStepTracer(step, cpu),
        var other => throw new NotSupportedException($"no trace of a step on {other.Description}"),
    };

    /// <summary>Runs one step and returns what it was made of.</summary>
    public StepTrace Record()
    {
        Begin();
        Span<long> marks = [Stopwatch.GetTimestamp(), 0, 0, 0];
        Step.Prepare();
        marks[1] = Stopwatch.GetTimestamp();
        Step.Attack();
        marks[2] = Stopwatch.GetTimestamp();
        Step.Update();
        marks[3] = Stopwatch.GetTimestamp();
        return End(marks);
    }

    public abstract void Dispose();

    /// <summary>Forgets the last step.</summary>
    protected abstract void Begin();

    /// <summary>Puts the trace together; the marks are the host's clock around the phases.</summary>
    protected abstract StepTrace End(ReadOnlySpan<long> marks);

    /// <summary>The phases as the host saw them.</summary>
    protected static TraceSpan[] HostPhases(ReadOnlySpan<long> marks, long origin) =>
    [
        Span(StepTrace.Prepare, marks[0], marks[1], origin), Span(StepTrace.Attack, marks[1], marks[2], origin),
        Span(StepTrace.Update, marks[2], marks[3], origin),
    ];

    protected static TraceSpan Span(string name, long start, long end, long origin) =>
        new(name, Microseconds(start - origin), Microseconds(end - origin));

    private static double Microseconds(long ticks) => ticks * PerSecond / Stopwatch.Frequency;
}
