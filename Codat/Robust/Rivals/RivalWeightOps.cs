using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// The worst class weights in a ball other than CODAT's, in place in a <see cref="StepRecord"/>; inputs and derivative
/// as <see cref="ClassWeightOp"/>, the ball as <see cref="BallWeights"/>.
/// </summary>
internal sealed partial record BallWeightOp(BallKind Ball, ClassRiskPolicy Policy) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [3, 4, 5, 6];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => ClassWeightOp.InferRecord(Name, inputs);

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(this, signature.Input(0).Shape[1]);

    private sealed class Kernel(BallWeightOp op, int classes) : WeightStepKernel(op.Policy, classes)
    {
        protected override void Solve(in CpuCall call, ReadOnlySpan<double> sums, ReadOnlySpan<double> risk,
            Span<double> table, Span<double> numbers, Span<int> status)
        {
            var weights = table.Slice(StepRecord.WeightRow * Classes, Classes);
            var eta = call.Input<double>(2)[0];
            var solution = BallWeights.Solve(op.Ball, risk, call.Input<double>(1), eta, weights, Present);
            if (solution.Status != DroStatus.Ok)
            {
                Fail(status, solution.Status, solution.BadClass);
                return;
            }
            var multipliers = table.Slice(StepRecord.MultiplierRow * Classes, Classes);
            Note(numbers, ClassWeighting.Compute(op.Policy, weights, sums, Counts, multipliers).Loss, solution, eta);
        }
    }

    internal static void Note(Span<double> numbers, double loss, in ChiSquareSolution solution, double eta)
    {
        numbers[StepRecord.LossAt] = loss;
        numbers[StepRecord.VarianceAt] = solution.Variance;
        numbers[StepRecord.EtaEffAt] = eta;
        numbers[StepRecord.MinWeightAt] = solution.MinWeight;
        numbers[StepRecord.NegativeAt] = solution.Negative;
        numbers[StepRecord.GapAt] = 0;
    }
}

/// <summary>
/// Exponential class weights that remember every step: m_k += rate H_k for the classes of the batch, q proportional to
/// prior exp(m). Inputs as <see cref="ClassWeightOp"/>, then the memory m (K), which is state.
/// </summary>
/// <remarks>The radius is not looked at. m is kept with its largest element at 0, which changes no weight.</remarks>
internal sealed partial record GroupDroOp(double Rate, ClassRiskPolicy Policy) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [3, 4, 5, 6, 7];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => ClassWeightOp.InferRecord(Name, inputs);

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(this, signature.Input(0).Shape[1]);

    private sealed class Kernel(GroupDroOp op, int classes) : WeightStepKernel(op.Policy, classes)
    {
        protected override void Solve(in CpuCall call, ReadOnlySpan<double> sums, ReadOnlySpan<double> risk,
            Span<double> table, Span<double> numbers, Span<int> status)
        {
            var prior = call.Input<double>(1);
            var memory = call.Mutable<double>(7);
            var weights = table.Slice(StepRecord.WeightRow * Classes, Classes);
            var view = ClassView.Create(risk, prior, Present);
            if (view.Status != DroStatus.Ok)
            {
                weights.Fill(double.NaN);
                Fail(status, view.Status, view.BadClass);
                return;
            }
            Tilt(view, risk, prior, memory, weights);
            var multipliers = table.Slice(StepRecord.MultiplierRow * Classes, Classes);
            BallWeightOp.Note(numbers, ClassWeighting.Compute(op.Policy, weights, sums, Counts, multipliers).Loss,
                ChiSquareWeights.Summarise(view, weights, 0), 0);
        }

        private void Tilt(in ClassView view, ReadOnlySpan<double> risk, ReadOnlySpan<double> prior,
            Span<double> memory, Span<double> weights)
        {
            var most = double.NegativeInfinity;
            for (var k = 0; k < Classes; k++)
            {
                if (view.Contains(k)) memory[k] += op.Rate * risk[k];
                if (prior[k] > 0) most = Math.Max(most, memory[k]);
            }

            var total = new CompensatedSum();
            for (var k = 0; k < Classes; k++)
            {
                memory[k] = prior[k] > 0 ? memory[k] - most : 0;
                weights[k] = prior[k] > 0 ? prior[k] * PortableMath.Exp(memory[k]) : 0;
                total.Add(weights[k]);
            }

            for (var k = 0; k < Classes; k++) weights[k] /= total.Value;
        }
    }
}

/// <summary>
/// Class weights that stood before the step: a sample weighs its class's factor over the size of the batch. Inputs as
/// <see cref="ClassWeightOp"/>, then the factors (K).
/// </summary>
/// <remarks>The radius is not looked at. The record's weights are the factors over their sum.</remarks>
internal sealed partial record FactorWeightOp(ClassRiskPolicy Policy) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [3, 4, 5, 6];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[7] == inputs[1]
        ? ClassWeightOp.InferRecord(Name, inputs)
        : throw new ShapeException($"{Name}: prior {inputs[1]}, factors {inputs[7]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(this, signature.Input(0).Shape[1]);

    private sealed class Kernel(FactorWeightOp op, int classes) : WeightStepKernel(op.Policy, classes)
    {
        protected override void Solve(in CpuCall call, ReadOnlySpan<double> sums, ReadOnlySpan<double> risk,
            Span<double> table, Span<double> numbers, Span<int> status)
        {
            var factors = call.Input<double>(7);
            var weights = table.Slice(StepRecord.WeightRow * Classes, Classes);
            var view = ClassView.Create(risk, call.Input<double>(1), Present);
            if (view.Status != DroStatus.Ok)
            {
                weights.Fill(double.NaN);
                Fail(status, view.Status, view.BadClass);
                return;
            }
            var (samples, total, loss) = (0, new CompensatedSum(), new CompensatedSum());
            for (var k = 0; k < Classes; k++)
            {
                samples += Counts[k];
                total.Add(factors[k]);
            }
            var multipliers = table.Slice(StepRecord.MultiplierRow * Classes, Classes);
            for (var k = 0; k < Classes; k++)
            {
                weights[k] = factors[k] / total.Value;
                multipliers[k] = factors[k] / samples;
                loss.Add(multipliers[k] * sums[k]);
            }
            BallWeightOp.Note(numbers, loss.Value, ChiSquareWeights.Summarise(view, weights, 0), 0);
        }
    }
}

/// <summary>
/// FAAL's weights: the worst distribution over class margins with KL(prior || w) at most the radius; every sample then
/// weighs K w_k / B. Inputs as <see cref="ClassWeightOp"/> (risks of the loss), then the table (3, K) of margins.
/// </summary>
/// <remarks>
/// A class without samples has the margin -1, its least. The rows of the record hold loss risks and these weights.
/// </remarks>
internal sealed partial record MarginWeightOp(bool CountsSamples, ClassRiskPolicy Policy) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [3, 4, 5, 6];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[7] == inputs[0]
        ? ClassWeightOp.InferRecord(Name, inputs)
        : throw new ShapeException($"{Name}: risks {inputs[0]}, margins {inputs[7]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(this, signature.Input(0).Shape[1]);

    private sealed class Kernel(MarginWeightOp op, int classes) : WeightStepKernel(op.Policy, classes)
    {
        private readonly double[] _margin = new double[classes];

        protected override void Solve(in CpuCall call, ReadOnlySpan<double> sums, ReadOnlySpan<double> risk,
            Span<double> table, Span<double> numbers, Span<int> status)
        {
            var samples = 0;
            for (var k = 0; k < Classes; k++)
            {
                var mean = Counts[k] > 0 ? call.Input<double>(7)[k] / Counts[k] : -1;
                _margin[k] = op.CountsSamples ? Counts[k] * mean : mean;
                samples += Counts[k];
            }

            var weights = table.Slice(StepRecord.WeightRow * Classes, Classes);
            var eta = call.Input<double>(2)[0];
            var solution = BallWeights.Solve(BallKind.ReverseKl, _margin, call.Input<double>(1), eta, weights);
            if (solution.Status != DroStatus.Ok)
            {
                Fail(status, solution.Status, solution.BadClass);
                return;
            }

            var multipliers = table.Slice(StepRecord.MultiplierRow * Classes, Classes);
            var loss = new CompensatedSum();
            for (var k = 0; k < Classes; k++)
            {
                multipliers[k] = Counts[k] > 0 ? Classes * weights[k] / samples : 0;
                if (Counts[k] > 0) loss.Add(multipliers[k] * sums[k]);
            }
            BallWeightOp.Note(numbers, loss.Value, solution, eta);
        }
    }
}
