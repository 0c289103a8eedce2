using System.Collections.Concurrent;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Hartigan and Hartigan, The Dip Test of Unimodality, Annals of Statistics 13 (1985): how far the distribution of a
/// sample is from the nearest one with a single peak.
/// </summary>
/// <remarks>
/// The dip is the least, over all distribution functions G that are convex up to a mode and concave after it, of the
/// largest distance between G and that of the sample. A sample of n different values has at least 1/(2n), one of equal
/// values 0.
/// </remarks>
internal static class DipTest
{
    /// <summary>Uniform samples the p-value is counted over.</summary>
    public const int Simulations = 10_000;

    private const ulong Key = 0x6469_7020_7465_7374;

    private static readonly ConcurrentDictionary<int, double[]> s_uniform = new();

    /// <summary>The dip of a sample of finite numbers in any order, from 0 to 1/4.</summary>
    public static double Statistic(IReadOnlyList<double> sample)
    {
        var steps = sample.Order().GroupBy(v => v).ToArray();
        var (x, below, upto) = (new double[steps.Length], new double[steps.Length], new double[steps.Length]);
        for (int i = 0, seen = 0; i < steps.Length; i++)
        {
            (x[i], below[i]) = (steps[i].Key, (double)seen / sample.Count);
            seen += steps[i].Count();
            upto[i] = (double)seen / sample.Count;
        }
        return Narrow(x, below, upto);
    }

    /// <summary>
    /// How often a sample of so many uniform numbers, the single peak that is hardest to tell from two, has this dip
    /// or more; the seed is fixed.
    /// </summary>
    public static double PValue(double dip, int n)
    {
        var uniform = s_uniform.GetOrAdd(n, Uniform);
        // A dip that is equal but for the rounding of its sums counts as reached.
        return (1.0 + uniform.Count(u => u >= dip - 1e-12)) / (1 + Simulations);
    }

    /// <summary>
    /// Narrows the interval the mode lies in until what is left inside is no worse than what is outside.
    /// </summary>
    private static double Narrow(double[] x, double[] below, double[] upto)
    {
        var (first, last, twice) = (0, x.Length - 1, 0.0);
        while (first < last)
        {
            // Convex from underneath the steps, concave from above: the band of all G between them.
            var minorant = new Envelope(x, below, first, last, 1);
            var majorant = new Envelope(x, upto, first, last, -1);
            var (at, widest) = (first, 0.0);
            foreach (var knot in minorant.Knots.Concat(majorant.Knots))
            {
                var gap = majorant.At(knot) - minorant.At(knot);
                if (gap > widest) (at, widest) = (knot, gap);
            }
            if (widest <= twice) break;
            var (left, right) = (minorant.Knots.Last(k => k <= at), majorant.Knots.First(k => k >= at));
            for (var k = first; k < left; k++) twice = Math.Max(twice, upto[k] - minorant.At(k));
            for (var k = right + 1; k <= last; k++) twice = Math.Max(twice, majorant.At(k) - below[k]);
            if ((left, right) == (first, last)) break;
            (first, last) = (left, right);
        }
        return twice / 2;
    }

    private static double[] Uniform(int n)
    {
        var (dips, sample) = (new double[Simulations], new double[n]);
        for (var i = 0; i < Simulations; i++)
        {
            for (var j = 0; j < n; j++)
            {
                Philox.Next(Key, (uint)i, (uint)j, (uint)n, 0, out var word, out var low, out _, out _);
                sample[j] = (word + low / 4294967296.0) / 4294967296.0;
            }
            dips[i] = Statistic(sample);
        }
        return dips;
    }

    /// <summary>The greatest convex function below points (sign 1), or the least concave one above (-1).</summary>
    private sealed class Envelope
    {
        private readonly double[] _x, _y;

        public Envelope(double[] x, double[] y, int first, int last, int sign)
        {
            (_x, _y) = (x, y);
            for (var i = first; i <= last; i++)
            {
                while (Knots.Count > 1 && sign * Turn(Knots[^2], Knots[^1], i) >= 0) Knots.RemoveAt(Knots.Count - 1);
                Knots.Add(i);
            }
        }

        /// <summary>Indices of the points it passes through, ascending.</summary>
        public List<int> Knots { get; } = [];

        /// <summary>Its value at a point.</summary>
        public double At(int i)
        {
            var found = Knots.BinarySearch(i);
            if (found >= 0) return _y[i];
            var (a, b) = (Knots[~found - 1], Knots[~found]);
            return _y[a] + (_y[b] - _y[a]) * (_x[i] - _x[a]) / (_x[b] - _x[a]);
        }

        private double Turn(int a, int b, int c) =>
            (_y[b] - _y[a]) * (_x[c] - _x[a]) - (_y[c] - _y[a]) * (_x[b] - _x[a]);
    }
}
