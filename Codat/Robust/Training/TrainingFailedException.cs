using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>A class risk became something that is not a number; the saved state is the last good one.</summary>
public sealed class TrainingFailedException(int failedClass, string className, long step) : CodatException(
    "the loss is not a finite number", $"step {step}, class {failedClass} ({className})", "finite losses", "NaN or infinity",
    "lower --lr or --eta, or start from --init; the state before this step is saved", isUsage: false)
{
    /// <summary>The class whose risk failed first.</summary>
    public int FailedClass { get; } = failedClass;

    /// <summary>The step it happened in, from 1.</summary>
    public long Step { get; } = step;
}
