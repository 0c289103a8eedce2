using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>What every weight step does on the host: sentinel, risk policy, presence; a solver follows.</summary>
internal abstract class WeightStepKernel(ClassRiskPolicy policy, int classes) : CpuKernel
{
    private readonly byte[] _seen = new byte[classes];
    private readonly double[] _average = new double[classes];

    protected int Classes => classes;

    /// <summary>Samples by class in the batch.</summary>
    protected int[] Counts { get; } = new int[classes];

    /// <summary>1 for a class that takes part.</summary>
    protected byte[] Present { get; } = new byte[classes];

    public override void Run(in CpuCall call)
    {
        var status = call.Mutable<int>(5);
        if (status[0] != 0) return;

        var sums = call.Input<double>(0)[..classes];
        var table = call.Mutable<double>(3);
        for (var k = 0; k < classes; k++) Counts[k] = (int)call.Input<double>(0)[2 * classes + k];
        for (var k = 0; k < classes; k++)
        {
            if (double.IsFinite(sums[k])) continue;
            // The first failure wins; everything after this step leaves weights and statistics alone.
            Fail(status, DroStatus.RiskNotFinite, k);
            return;
        }

        var risk = table.Slice(StepRecord.RiskRow * classes, classes);
        GatherRisks(sums, call.Mutable<double>(6), risk);
        for (var k = 0; k < classes; k++) table[StepRecord.PresentRow * classes + k] = Counts[k] > 0 ? 1 : 0;
        Solve(call, sums, risk, table, call.Mutable<double>(4), status);
    }

    /// <summary>Fills weights, multipliers and numbers.</summary>
    protected abstract void Solve(in CpuCall call, ReadOnlySpan<double> sums, ReadOnlySpan<double> risk,
        Span<double> table, Span<double> numbers, Span<int> status);

    protected static void Fail(Span<int> status, DroStatus failure, int bad) =>
        (status[0], status[1]) = ((int)failure, bad);

    private void GatherRisks(ReadOnlySpan<double> sums, Span<double> averages, Span<double> risk)
    {
        averages[..classes].CopyTo(_average);
        for (var k = 0; k < classes; k++) _seen[k] = averages[classes + k] != 0 ? (byte)1 : (byte)0;
        ClassRisks.Gather(policy, sums, Counts, new ClassAverages(_average, _seen), risk, Present);
        _average.CopyTo(averages);
        for (var k = 0; k < classes; k++) averages[classes + k] = _seen[k];
    }
}
