using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Class risks to class weights and loss multipliers, in place in a <see cref="StepRecord"/>, in double on every
/// device. Inputs: risk table (3,K), prior (K), radius (1), then the record's table, numbers, status and averages.
/// </summary>
/// <remarks>
/// The gradient of the objective with respect to the risks is the weights themselves (Danskin; arXiv 2501.04527, Eqs. 8
/// and 11), so weights are constants in the gradient: no derivative is lost.
/// </remarks>
internal sealed partial record ClassWeightOp(ClassWeightSpec Spec) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [3, 4, 5, 6];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => InferRecord(Name, inputs);

    /// <summary>The rule of every op that fills a step's record.</summary>
    internal static TensorType InferRecord(string name, ReadOnlySpan<TensorType> inputs)
    {
        var k = inputs[0].Shape[1];
        if (inputs[1] != new TensorType(DType.Float64, new Shape(k))
            || inputs[2] != new TensorType(DType.Float64, new Shape(1))
            || inputs[3] != new TensorType(DType.Float64, new Shape(StepRecord.Rows, k)))
            throw new ShapeException(
                $"{name}: risks {inputs[0]}, prior {inputs[1]}, radius {inputs[2]}, table {inputs[3]}");
        return inputs[3];
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new ClassWeightKernel(Spec, signature.Input(0).Shape[1]);
}

/// <summary>The weight step of the chi-square ball on the host: radius, solver, audit, multipliers.</summary>
internal sealed class ClassWeightKernel(ClassWeightSpec spec, int classes) : WeightStepKernel(spec.Policy, classes)
{
    private readonly double[] _published = new double[classes];

    protected override void Solve(in CpuCall call, ReadOnlySpan<double> sums, ReadOnlySpan<double> risk,
        Span<double> table, Span<double> numbers, Span<int> status)
    {
        var prior = call.Input<double>(1);
        var squares = call.Input<double>(0).Slice(Classes, Classes);
        var eta = spec.Kind == ClassWeightKind.Codat ? call.Input<double>(2)[0] : 0;
        var ball = new ChiSquareBall(eta);
        var debiased = spec.MeasuresNoise || spec.Variance == VarianceKind.Debiased
            ? DebiasedRadius.Compute(ball, prior, sums, squares, Counts)
            : default;
        if (spec.Variance == VarianceKind.Debiased) ball = new ChiSquareBall(debiased.EtaEff);

        var weights = table.Slice(StepRecord.WeightRow * Classes, Classes);
        var multipliers = table.Slice(StepRecord.MultiplierRow * Classes, Classes);
        var published = ChiSquareWeights.Published(risk, prior, ball, _published, Present);
        var exact = ChiSquareWeights.Exact(risk, prior, ball, weights, Present);
        if (exact.Status != DroStatus.Ok)
        {
            Fail(status, exact.Status, exact.BadClass);
            return;
        }
        var certificate = StepCertificate.Compute(ClassView.Create(risk, prior, Present), ball.Radius, weights);
        var chosen = exact;
        if (spec.Solver == WeightSolver.Published)
        {
            _published.CopyTo(weights);
            chosen = published;
        }
        var audit = PublishedAudit.Compare(published, exact);
        numbers[StepRecord.LossAt] = spec.Kind == ClassWeightKind.None
            ? SampleMean(sums, weights, multipliers)
            : ClassWeighting.Compute(spec.Policy, weights, sums, Counts, multipliers).Loss;
        numbers[StepRecord.VarianceAt] = exact.Variance;
        numbers[StepRecord.EtaEffAt] = ball.Radius;
        numbers[StepRecord.MinWeightAt] = spec.Kind == ClassWeightKind.None ? 0 : chosen.MinWeight;
        numbers[StepRecord.NegativeAt] = audit.Negative;
        numbers[StepRecord.GapAt] = audit.ObjectiveGap;
        (numbers[StepRecord.BatchVarianceAt], numbers[StepRecord.NoiseAt]) = (debiased.Variance, debiased.Noise);
        (numbers[StepRecord.RadiusAt], numbers[StepRecord.DualityGapAt]) = (certificate.Radius, certificate.Gap);
        numbers[StepRecord.ActiveAt] = certificate.Active;
    }

    /// <summary>Plain training: every sample weighs 1/N, so a class weighs its share of the batch.</summary>
    private double SampleMean(ReadOnlySpan<double> sums, Span<double> weights, Span<double> multipliers)
    {
        var (total, loss) = (0, 0.0);
        for (var k = 0; k < Classes; k++) total += Counts[k];
        for (var k = 0; k < Classes; k++)
        {
            weights[k] = Counts[k] / (double)total;
            multipliers[k] = 1.0 / total;
            loss += sums[k];
        }
        return loss / total;
    }
}
