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

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var k = inputs[0].Shape[1];
        if (inputs[1] != new TensorType(DType.Float64, new Shape(k))
            || inputs[2] != new TensorType(DType.Float64, new Shape(1))
            || inputs[3] != new TensorType(DType.Float64, new Shape(StepRecord.Rows, k)))
            throw new ShapeException(
                $"{Name}: risks {inputs[0]}, prior {inputs[1]}, radius {inputs[2]}, table {inputs[3]}");
        return inputs[3];
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new ClassWeightKernel(Spec, signature.Input(0).Shape[1]);
}

/// <summary>The weight step on the host: risk policy, radius, solver, audit, multipliers, sentinel.</summary>
internal sealed class ClassWeightKernel(ClassWeightSpec spec, int classes) : CpuKernel
{
    private readonly int[] _counts = new int[classes];
    private readonly byte[] _present = new byte[classes];
    private readonly byte[] _seen = new byte[classes];
    private readonly double[] _average = new double[classes];
    private readonly double[] _published = new double[classes];

    public override void Run(in CpuCall call)
    {
        var status = call.Mutable<int>(5);
        if (status[0] != 0) return;

        var sums = call.Input<double>(0)[..classes];
        var squares = call.Input<double>(0).Slice(classes, classes);
        var table = call.Mutable<double>(3);
        for (var k = 0; k < classes; k++) _counts[k] = (int)call.Input<double>(0)[2 * classes + k];
        for (var k = 0; k < classes; k++)
        {
            if (double.IsFinite(sums[k])) continue;
            // The first failure wins; everything after this step leaves weights and statistics alone.
            status[0] = (int)DroStatus.RiskNotFinite;
            status[1] = k;
            return;
        }

        var risk = table.Slice(StepRecord.RiskRow * classes, classes);
        GatherRisks(sums, call.Mutable<double>(6), risk);
        for (var k = 0; k < classes; k++) table[StepRecord.PresentRow * classes + k] = _counts[k] > 0 ? 1 : 0;
        var eta = spec.Kind == ClassWeightKind.Codat ? call.Input<double>(2)[0] : 0;
        Solve(sums, squares, call.Input<double>(1), eta, risk, table, call.Mutable<double>(4), status);
    }

    private void GatherRisks(ReadOnlySpan<double> sums, Span<double> averages, Span<double> risk)
    {
        averages[..classes].CopyTo(_average);
        for (var k = 0; k < classes; k++) _seen[k] = averages[classes + k] != 0 ? (byte)1 : (byte)0;
        ClassRisks.Gather(spec.Policy, sums, _counts, new ClassAverages(_average, _seen), risk, _present);
        _average.CopyTo(averages);
        for (var k = 0; k < classes; k++) averages[classes + k] = _seen[k];
    }

    private void Solve(ReadOnlySpan<double> sums, ReadOnlySpan<double> squares, ReadOnlySpan<double> prior, double eta,
        ReadOnlySpan<double> risk, Span<double> table, Span<double> numbers, Span<int> status)
    {
        var ball = new ChiSquareBall(eta);
        if (spec.Variance == VarianceKind.Debiased)
            ball = new ChiSquareBall(DebiasedRadius.Compute(ball, prior, sums, squares, _counts).EtaEff);

        var weights = table.Slice(StepRecord.WeightRow * classes, classes);
        var multipliers = table.Slice(StepRecord.MultiplierRow * classes, classes);
        var published = ChiSquareWeights.Published(risk, prior, ball, _published, _present);
        var exact = ChiSquareWeights.Exact(risk, prior, ball, weights, _present);
        if (exact.Status != DroStatus.Ok)
        {
            status[0] = (int)exact.Status;
            status[1] = exact.BadClass;
            return;
        }
        var chosen = exact;
        if (spec.Solver == WeightSolver.Published)
        {
            _published.CopyTo(weights);
            chosen = published;
        }
        var audit = PublishedAudit.Compare(published, exact);
        numbers[StepRecord.LossAt] = spec.Kind == ClassWeightKind.None
            ? SampleMean(sums, weights, multipliers)
            : ClassWeighting.Compute(spec.Policy, weights, sums, _counts, multipliers).Loss;
        numbers[StepRecord.VarianceAt] = exact.Variance;
        numbers[StepRecord.EtaEffAt] = ball.Radius;
        numbers[StepRecord.MinWeightAt] = spec.Kind == ClassWeightKind.None ? 0 : chosen.MinWeight;
        numbers[StepRecord.NegativeAt] = audit.Negative;
        numbers[StepRecord.GapAt] = audit.ObjectiveGap;
    }

    /// <summary>Plain training: every sample weighs 1/N, so a class weighs its share of the batch.</summary>
    private double SampleMean(ReadOnlySpan<double> sums, Span<double> weights, Span<double> multipliers)
    {
        var (total, loss) = (0, 0.0);
        for (var k = 0; k < classes; k++) total += _counts[k];
        for (var k = 0; k < classes; k++)
        {
            weights[k] = _counts[k] / (double)total;
            multipliers[k] = 1.0 / total;
            loss += sums[k];
        }
        return loss / total;
    }
}
