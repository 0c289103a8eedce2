using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Training met something that is not a finite number; the saved state is the last good one.</summary>
public sealed class TrainingFailedException : CodatException
{
    private const string Remedy = "lower --lr or --eta, or start from --init; the last good state is saved";

    private TrainingFailedException(
        string what, string where, string expected, long step, int? failedClass, string remedy = Remedy)
        : base(what, where, expected, "NaN or infinity", remedy, isUsage: false) =>
        (Step, FailedClass) = (step, failedClass);

    /// <summary>
    /// The class whose risk failed first, or null where the weights failed and no class can be named.
    /// </summary>
    public int? FailedClass { get; }

    /// <summary>The step it was found in, from 1.</summary>
    public long Step { get; }

    internal static TrainingFailedException OfLoss(int failedClass, string className, long step) =>
        new("the loss is not a finite number",
            string.Create(CultureInfo.InvariantCulture, $"step {step}, class {failedClass} ({className})"),
            "finite losses", step, failedClass);

    internal static TrainingFailedException OfBatch(int classes, long step) =>
        new("the loss is not a finite number", string.Create(CultureInfo.InvariantCulture, $"step {step}"),
            string.Create(CultureInfo.InvariantCulture,
                $"pixels in [0,1], labels from 0 to {classes - 1}, finite weights"), step, failedClass: null,
            "weights are those before that step; mend the batch or lower the learning rate or eta, then load weights");

    internal static TrainingFailedException OfWeights(long step) => new("the weights are not finite numbers",
        string.Create(CultureInfo.InvariantCulture, $"after step {step}"), "finite weights", step, null);
}
