namespace Codat.Native.Robust;

/// <summary>The numbers of one training step.</summary>
public sealed class StepReport
{
    private readonly double[] _risks, _weights;
    private readonly bool[] _present;

    /// <summary>An empty report to be filled.</summary>
    public StepReport(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (_risks, _weights, _present) = (new double[classes], new double[classes], new bool[classes]);
    }

    /// <summary>The number of the step, from 1.</summary>
    public long Step { get; private set; }

    /// <summary>The loss that was minimised.</summary>
    public double Loss { get; private set; }

    /// <summary>The variance of the class risks under the prior.</summary>
    public double RiskVariance { get; private set; }

    /// <summary>The radius that was used: eta, or less where the variance is debiased.</summary>
    public double EtaEffective { get; private set; }

    /// <summary>
    /// sum_k (p_k - p0_k)^2 / p0_k of the exact weights: what they use of <see cref="EtaEffective"/>; 0 for other
    /// balls.
    /// </summary>
    public double RadiusReached { get; private set; }

    /// <summary>
    /// How much worse than the exact weights any distribution of the ball could at most be, in units of the risk: zero
    /// but for rounding; 0 for other balls.
    /// </summary>
    public double DualityGap { get; private set; }

    /// <summary>Classes with a positive exact weight; 0 for other balls.</summary>
    public int ActiveClasses { get; private set; }

    /// <summary>Images of the batch that were classified right under the training attack.</summary>
    public int Correct { get; private set; }

    /// <summary>Images of the batch.</summary>
    public int Count { get; private set; }

    /// <summary>The risk of each class; meaningless where it is not present.</summary>
    public IReadOnlyList<double> ClassRisks => _risks;

    /// <summary>The weight of each class.</summary>
    public IReadOnlyList<double> ClassWeights => _weights;

    /// <summary>Whether the batch had images of a class.</summary>
    public IReadOnlyList<bool> IsPresent => _present;

    internal void Fill(long step, ReadOnlySpan<double> numbers, ReadOnlySpan<double> table,
        ReadOnlySpan<int> predicted, ReadOnlySpan<int> labels)
    {
        var classes = _risks.Length;
        if (table.Length != StepRecord.Rows * classes)
            throw new ArgumentException(
                $"the report is for {classes} classes, the network has {table.Length / StepRecord.Rows}");
        (Step, Loss) = (step, numbers[StepRecord.LossAt]);
        (RiskVariance, EtaEffective) = (numbers[StepRecord.VarianceAt], numbers[StepRecord.EtaEffAt]);
        (RadiusReached, DualityGap) = (numbers[StepRecord.RadiusAt], numbers[StepRecord.DualityGapAt]);
        ActiveClasses = (int)numbers[StepRecord.ActiveAt];
        table.Slice(StepRecord.RiskRow * classes, classes).CopyTo(_risks);
        table.Slice(StepRecord.WeightRow * classes, classes).CopyTo(_weights);
        for (var k = 0; k < classes; k++) _present[k] = table[StepRecord.PresentRow * classes + k] != 0;
        (Correct, Count) = (0, labels.Length);
        for (var i = 0; i < labels.Length; i++) Correct += predicted[i] == labels[i] ? 1 : 0;
    }
}
