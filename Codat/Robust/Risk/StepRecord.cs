using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// What one training step leaves behind for logs: scalars, and a table by class. Host-readable tensors, fixed in size.
/// </summary>
/// <remarks>Owns its tensors. Layout is shared with the weight step, which writes them.</remarks>
internal sealed class StepRecord : IDisposable
{
    public const int MultiplierRow = 0, WeightRow = 1, RiskRow = 2, PresentRow = 3, Rows = 4;
    public const int LossAt = 0, VarianceAt = 1, EtaEffAt = 2, MinWeightAt = 3, NegativeAt = 4, GapAt = 5;

    /// <summary>Variance of the batch's own class means and the part of it that sampling explains, not-a-number where
    /// unknown; only where <see cref="ClassWeightSpec.MeasuresNoise"/> or the variance is debiased.</summary>
    public const int BatchVarianceAt = 6, NoiseAt = 7;

    /// <summary>Evidence for the exact weights of the chi-square ball (<see cref="StepCertificate"/>): radius reached,
    /// duality gap in units of the risk, classes with a weight; 0 for other balls.</summary>
    public const int RadiusAt = 8, DualityGapAt = 9, ActiveAt = 10;

    public const int Scalars = 11;

    public StepRecord(Device device, int classes)
    {
        Table = device.Allocate(DType.Float64, new Shape(Rows, classes), "step-table");
        Numbers = device.Allocate(DType.Float64, new Shape(Scalars), "step-numbers");
        Status = device.Allocate(DType.Int32, new Shape(2), "status");
        Averages = device.Allocate(DType.Float64, new Shape(2, classes), "risk-averages");
    }

    /// <summary>Rows by class: loss multiplier, weight, risk, present.</summary>
    public Tensor Table { get; }

    /// <summary>Loss, variance, effective radius, least weight, negative published weights, objective gap,
    /// batch variance, noise, radius reached, duality gap, active classes.</summary>
    public Tensor Numbers { get; }

    /// <summary>(status, class): non-zero once a step met a risk that is not a number; the first one stays.</summary>
    public Tensor Status { get; }

    /// <summary>Exponential averages of class risks and marks of classes seen: state that a resume needs.</summary>
    public Tensor Averages { get; }

    public void Dispose()
    {
        Table.Dispose();
        Numbers.Dispose();
        Status.Dispose();
        Averages.Dispose();
    }
}
