using System.Text;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// How far average, worst class and spread of a method could be off: a bootstrap over seeds and images.
/// </summary>
/// <remarks>
/// A replicate draws seeds with replacement, and in every class other test images. All seeds were tested on the same
/// images, so one draw of images serves all of them: image error does not average out over seeds. Deviations between
/// seeds are widened by sqrt(S/(S-1)) t/z, which makes the interval from seeds alone that of Student's t (Hesterberg's
/// expanded percentile interval); with one seed only images count. Replicates are centred on what was measured, because
/// the worst of resampled classes is too low as a rule. Their median is, not their mean: where hardly an image is
/// right, most replicates are exactly 0, and a mean beside that pile would put all of them on one side of 0.
/// The seed is fixed: equal results, equal intervals.
/// </remarks>
internal sealed class SeedBootstrap
{
    /// <summary>Number of replicates.</summary>
    public const int Replicates = 4000;

    private const double Level = 0.95;
    private const ulong Key = 0x636F_6D70_6172_6531;
    private const uint SeedDraws = 1, ImageDraws = 2;

    // [statistic][seed] as measured, and [statistic][replicate] the mean over seeds with other images.
    private readonly double[][] _measured;
    private readonly double[][] _images;

    private SeedBootstrap(double[][] measured, double[][] images) => (_measured, _images) = (measured, images);

    /// <summary>The bootstrap of one method under one attack.</summary>
    /// <param name="label">The method's label: methods draw images independently of each other.</param>
    /// <param name="seeds">The rows of its seeds.</param>
    public static SeedBootstrap Of(string label, IReadOnlyList<AttackView> seeds)
    {
        var counts = seeds.Select(s => s.PerClass.Where(c => c.N > 0)
            .Select(c => (c.Class, Counts: new CountResampler((int)c.N, (int)c.Correct))).ToArray()).ToArray();
        var measured = Enum.GetValues<SeedQuantity>()
            .Select(q => seeds.Select(s => Measured(s, q)).ToArray()).ToArray();
        var images = measured.Select(_ => new double[Replicates]).ToArray();
        var stream = Stream(label);
        var classes = seeds.SelectMany(s => s.PerClass).Select(c => c.Class + 1).DefaultIfEmpty(0).Max();
        var quantiles = new double[classes];
        for (var replicate = 0; replicate < Replicates; replicate++)
        {
            for (var k = 0; k < classes; k++) quantiles[k] = Image(replicate, k, stream);
            foreach (var seed in counts)
            {
                var (average, worst, spread) = Resample(seed, quantiles);
                images[(int)SeedQuantity.Average][replicate] += average / seeds.Count;
                images[(int)SeedQuantity.Worst][replicate] += worst / seeds.Count;
                images[(int)SeedQuantity.Spread][replicate] += spread / seeds.Count;
            }
        }
        return new SeedBootstrap(measured, images);
    }

    /// <summary>Mean, deviation and interval of a quantity.</summary>
    public SeedStatistic Statistic(SeedQuantity quantity)
    {
        var values = _measured[(int)quantity];
        var replicates = Spread(values, _images[(int)quantity]);
        return SeedStatistic.Of(values) with
        {
            Low = Math.Clamp(Lower(replicates), 0, 1),
            High = Math.Clamp(Upper(replicates), 0, 1),
        };
    }

    /// <summary>The difference to a baseline with the same seeds in the same order.</summary>
    /// <returns>Difference, interval, and twice the smaller share of replicates on either side of 0.</returns>
    public (double Difference, double Low, double High, double P) Against(SeedBootstrap baseline, SeedQuantity quantity)
    {
        var (own, other) = (_measured[(int)quantity], baseline._measured[(int)quantity]);
        var images = _images[(int)quantity].Zip(baseline._images[(int)quantity], (a, b) => a - b).ToArray();
        var differences = own.Zip(other, (a, b) => a - b).ToArray();
        var replicates = Spread(differences, images);
        var (below, above) = (replicates.Count(r => r <= 0), replicates.Count(r => r >= 0));
        var p = Math.Min(1, 2.0 * (1 + Math.Min(below, above)) / (1 + Replicates));
        return (differences.Average(), Math.Clamp(Lower(replicates), -1, 1),
            Math.Clamp(Upper(replicates), -1, 1), p);
    }

    /// <summary>How much wider deviations between so many seeds are made; 0 for one, which has none.</summary>
    public static double Widening(int seeds) => seeds == 1 ? 0 : Math.Sqrt(seeds / (seeds - 1.0))
        * StudentDistribution.CentralQuantile(Level, seeds - 1) / NormalDistribution.Quantile((1 + Level) / 2);

    /// <summary>Lower end of the interval of sorted replicates.</summary>
    public static double Lower(double[] sorted) => Quantile(sorted, (1 - Level) / 2);

    /// <summary>Upper end of it.</summary>
    public static double Upper(double[] sorted) => Quantile(sorted, (1 + Level) / 2);

    /// <summary>Which seed is the one at a place of a replicate; the same for all methods.</summary>
    public static int Seed(int replicate, int place, int seeds) =>
        (int)(Uniform(replicate, place, SeedDraws, 0) * seeds);

    /// <summary>Where the images of a class fall in a replicate, in [0, 1).</summary>
    public static double Image(int replicate, int k, uint stream) => Uniform(replicate, k, ImageDraws, stream);

    /// <summary>FNV-1a: a stream of its own for each label, whatever else the plan holds.</summary>
    public static uint Stream(string label)
    {
        var hash = 2166136261;
        foreach (var b in Encoding.UTF8.GetBytes(label)) hash = (hash ^ b) * 16777619;
        return hash;
    }

    /// <summary>The mean in each replicate, sorted.</summary>
    private static double[] Spread(double[] values, double[] images)
    {
        var (mean, count, centre) = (values.Average(), values.Length, Median(images));
        var widen = Widening(count);
        var replicates = new double[Replicates];
        for (var b = 0; b < Replicates; b++)
        {
            var drawn = 0.0;
            for (var s = 0; s < count; s++) drawn += values[Seed(b, s, count)];
            replicates[b] = mean + widen * (drawn / count - mean) + images[b] - centre;
        }
        Array.Sort(replicates);
        return replicates;
    }

    private static double Median(double[] values)
    {
        var sorted = (double[])values.Clone();
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }

    private static (double Average, double Worst, double Spread) Resample(
        (int Class, CountResampler Counts)[] seed, double[] quantiles)
    {
        var (right, n, least, most) = (0.0, 0.0, 1.0, 0.0);
        foreach (var (k, counts) in seed)
        {
            var correct = counts.Draw(quantiles[k]);
            (right, n) = (right + correct, n + counts.N);
            var accuracy = (double)correct / counts.N;
            (least, most) = (Math.Min(least, accuracy), Math.Max(most, accuracy));
        }
        return (right / n, least, most - least);
    }

    private static double Measured(AttackView seed, SeedQuantity quantity) => quantity switch
    {
        SeedQuantity.Average => seed.Average,
        SeedQuantity.Worst => seed.Worst,
        _ => seed.Spread,
    };

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length
            ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below])
            : sorted[^1];
    }

    private static double Uniform(int replicate, int index, uint purpose, uint stream)
    {
        Philox.Next(Key, (uint)replicate, (uint)index, purpose, stream, out var word, out var low, out _, out _);
        return (word + low / 4294967296.0) / 4294967296.0;
    }
}
