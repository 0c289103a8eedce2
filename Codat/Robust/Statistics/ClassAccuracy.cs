namespace Codat.Native.Robust;

/// <summary>Accuracy over classes: average, macro, worst, deviation and spread, as fractions.</summary>
/// <param name="Average">Right images over all images; not-a-number without images.</param>
/// <param name="Macro">Mean of the class accuracies.</param>
/// <param name="Worst">Smallest class accuracy.</param>
/// <param name="WorstClass">Its class, the lowest index among equals; null without images.</param>
/// <param name="Std">Population standard deviation of the class accuracies.</param>
/// <param name="Spread">Largest minus smallest class accuracy.</param>
/// <param name="PerClass">A row per class, by index; classes without images have a row but enter nothing else.</param>
public sealed record ClassAccuracy(
    double Average,
    double Macro,
    double Worst,
    int? WorstClass,
    double Std,
    double Spread,
    IReadOnlyList<ClassResult> PerClass)
{
    /// <summary>The accuracy of the worst class, whichever it is, as a simultaneous 95 % interval.</summary>
    public SimultaneousBound WorstBound { get; init; } = new(double.NaN, double.NaN);

    /// <summary>Summarises K classes.</summary>
    /// <param name="names">Class names.</param>
    /// <param name="n">Images by class.</param>
    /// <param name="correct">Right images by class, at most n.</param>
    /// <param name="risk">Mean cross-entropy by class; empty where not known.</param>
    public static ClassAccuracy Of(IReadOnlyList<string> names, ReadOnlySpan<long> n, ReadOnlySpan<long> correct,
        ReadOnlySpan<double> risk = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count != n.Length || correct.Length != n.Length || (!risk.IsEmpty && risk.Length != n.Length))
            throw new ArgumentException("Names, counts and risks must have one length.", nameof(names));

        var rows = new ClassResult[n.Length];
        long images = 0, right = 0;
        double sum = 0, worst = double.PositiveInfinity, best = double.NegativeInfinity;
        int? worstClass = null;
        var classes = 0;
        for (var k = 0; k < rows.Length; k++)
        {
            var interval = WilsonInterval.Of(correct[k], n[k]);
            var accuracy = n[k] == 0 ? double.NaN : (double)correct[k] / n[k];
            var classRisk = risk.IsEmpty || n[k] == 0 ? double.NaN : risk[k];
            rows[k] = new ClassResult(k, names[k], n[k], correct[k], accuracy, interval.Low, interval.High, classRisk);
            if (n[k] == 0) continue;

            classes++;
            images += n[k];
            right += correct[k];
            sum += accuracy;
            best = Math.Max(best, accuracy);
            if (accuracy >= worst) continue;
            worst = accuracy;
            worstClass = k;
        }

        if (classes == 0)
            return new ClassAccuracy(double.NaN, double.NaN, double.NaN, null, double.NaN, double.NaN, rows);
        var macro = sum / classes;
        return new ClassAccuracy((double)right / images, macro, worst, worstClass, Deviation(rows, macro, classes),
            best - worst, rows) { WorstBound = SimultaneousBound.OfWorst(correct, n) };
    }

    private static double Deviation(ClassResult[] rows, double mean, int classes)
    {
        double squares = 0;
        foreach (var row in rows)
        {
            if (row.N > 0) squares += (row.Accuracy - mean) * (row.Accuracy - mean);
        }

        return Math.Sqrt(squares / classes);
    }
}
