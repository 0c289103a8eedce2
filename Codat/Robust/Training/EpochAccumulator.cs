namespace Codat.Native.Robust;

/// <summary>
/// Sums over the steps of an epoch; one flat array, so that a resume in mid-epoch continues with the same bits.
/// </summary>
internal sealed class EpochAccumulator
{
    private const int Steps = 0, Loss = 1, Variance = 2, EtaEff = 3, Negative = 4, Gap = 5, Right = 6,
        DataSeconds = 7, AttackSeconds = 8, UpdateSeconds = 9, VarianceSquared = 10, Scalars = 11;

    private readonly int _classes;

    public EpochAccumulator(int classes)
    {
        _classes = classes;
        // Per class: steps with the class, risk, risk squared, weight, weight squared.
        Values = new double[Scalars + 5 * classes];
    }

    /// <summary>Everything, in a fixed order.</summary>
    public double[] Values { get; }

    public int Count => (int)Values[Steps];

    public void Clear() => Array.Clear(Values);

    public void AddSeconds(double data, double attack, double update)
    {
        Values[DataSeconds] += data;
        Values[AttackSeconds] += attack;
        Values[UpdateSeconds] += update;
    }

    public void Add(ReadOnlySpan<double> numbers, ReadOnlySpan<double> table, int right)
    {
        Values[Steps]++;
        Values[Loss] += numbers[StepRecord.LossAt];
        Values[Variance] += numbers[StepRecord.VarianceAt];
        Values[VarianceSquared] += numbers[StepRecord.VarianceAt] * numbers[StepRecord.VarianceAt];
        Values[EtaEff] += numbers[StepRecord.EtaEffAt];
        Values[Negative] += numbers[StepRecord.NegativeAt] > 0 ? 1 : 0;
        Values[Gap] += numbers[StepRecord.GapAt];
        Values[Right] += right;
        for (var k = 0; k < _classes; k++)
        {
            var weight = table[StepRecord.WeightRow * _classes + k];
            PerClass(3)[k] += weight;
            PerClass(4)[k] += weight * weight;
            if (table[StepRecord.PresentRow * _classes + k] == 0) continue;
            var risk = table[StepRecord.RiskRow * _classes + k];
            PerClass(0)[k]++;
            PerClass(1)[k] += risk;
            PerClass(2)[k] += risk * risk;
        }
    }

    public EpochMetrics ToMetrics(
        int epoch, long step, double rate, int batch, AccuracySummary? clean, AccuracySummary? robust,
        double evalSeconds, long peakBytes)
    {
        var n = Math.Max(1, Values[Steps]);
        var (risk, weight) = (new MeanDeviation[_classes], new MeanDeviation[_classes]);
        for (var k = 0; k < _classes; k++)
        {
            risk[k] = Moments(PerClass(1)[k], PerClass(2)[k], PerClass(0)[k]);
            weight[k] = Moments(PerClass(3)[k], PerClass(4)[k], n);
        }
        var seconds = Values[DataSeconds] + Values[AttackSeconds] + Values[UpdateSeconds];
        return new EpochMetrics
        {
            Epoch = epoch, Step = step, Lr = rate, Loss = Values[Loss] / n, Clean = clean, Robust = robust, Risk = risk,
            Weight = weight,
            Variance = Values[Variance] / n, VarianceStd = Moments(Values[Variance], Values[VarianceSquared], n).Std,
            EtaEff = Values[EtaEff] / n, NegativeShare = Values[Negative] / n,
            ObjectiveGap = Values[Gap] / n, ImagesPerSecond = seconds > 0 ? Values[Steps] * batch / seconds : 0,
            PeakBytes = peakBytes,
            Seconds = new PhaseSeconds(Values[DataSeconds], Values[AttackSeconds], Values[UpdateSeconds], evalSeconds),
        };
    }

    private Span<double> PerClass(int row) => Values.AsSpan(Scalars + row * _classes, _classes);

    private static MeanDeviation Moments(double sum, double squares, double n)
    {
        if (n == 0) return new MeanDeviation(double.NaN, double.NaN);
        var mean = sum / n;
        return new MeanDeviation(mean, Math.Sqrt(Math.Max(0, squares / n - mean * mean)));
    }
}
