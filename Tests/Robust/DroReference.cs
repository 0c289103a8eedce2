namespace Codat.Native.Tests;

/// <summary>Slow ways to the worst distribution that share nothing with the solver, and random problems to try it
/// on.</summary>
internal static class DroReference
{
    public sealed record Problem(double[] Risk, double[] Prior, double Eta);

    /// <summary>A random problem: uniform, random or very skewed prior; ties, equal risks and outliers now and
    /// then.</summary>
    public static Problem Draw(Random random, int maxClasses)
    {
        var k = random.Next(3) == 0 ? random.Next(2, 5) : random.Next(2, maxClasses + 1);
        var prior = new double[k];
        var kind = random.Next(3);
        for (var i = 0; i < k; i++)
            prior[i] = kind == 0 ? 1 : kind == 1 ? random.NextDouble() + 0.05 : Math.Pow(10, -6 * random.NextDouble());
        Normalise(prior);

        var risk = new double[k];
        var shape = random.Next(6);
        for (var i = 0; i < k; i++)
        {
            risk[i] = shape switch
            {
                0 => random.Next(3),
                1 => -Math.Log(1 - random.NextDouble()),
                2 => i == 0 ? 5 : random.NextDouble(),
                3 => i == 0 ? -5 : random.NextDouble(),
                4 => Math.Round(random.NextDouble(), 1),
                _ => 2.3 * random.NextDouble(),
            };
        }

        var eta = random.Next(4) switch
        {
            0 => random.NextDouble(),
            1 => Math.Pow(10, -8 * random.NextDouble()),
            _ => 2.0 * (k - 1) * random.NextDouble(),
        };
        return new Problem(risk, prior, eta);
    }

    public static void Normalise(double[] values)
    {
        var sum = values.Sum();
        for (var i = 0; i < values.Length; i++) values[i] /= sum;
    }

    public static double Divergence(ReadOnlySpan<double> p, ReadOnlySpan<double> prior)
    {
        double sum = 0;
        for (var k = 0; k < p.Length; k++) sum += (p[k] - prior[k]) * (p[k] - prior[k]) / prior[k];
        return sum;
    }

    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (var k = 0; k < a.Length; k++) sum += a[k] * b[k];
        return sum;
    }

    /// <summary>p proportional to p0 max(0, H - nu) with nu found by bisecting the divergence, which grows with
    /// nu.</summary>
    public static double[] Bisect(double[] risk, double[] prior, double eta)
    {
        var top = risk.Max();
        var spread = top - risk.Min();
        double low = top - spread * 1e9 - 1, high = top;
        for (var i = 0; i < 400; i++)
        {
            var middle = 0.5 * (low + high);
            if (middle >= top || Divergence(Tilt(risk, prior, middle), prior) > eta) high = middle;
            else low = middle;
        }

        return Tilt(risk, prior, low);
    }

    /// <summary>The best objective over a grid of directions, zoomed in around the best one again and again.</summary>
    /// <remarks>Every point of the simplex stands for the last point of the ball on the way to it from the
    /// prior.</remarks>
    public static double BruteForce(double[] risk, double[] prior, double eta)
    {
        const int Steps = 12;
        var best = (double[])prior.Clone();
        var bestValue = Dot(best, risk);
        var half = 1.0;
        var point = new double[risk.Length];
        for (var level = 0; level < 60; level++, half *= 0.72)
        {
            var centre = (double[])best.Clone();
            var total = (int)Math.Pow(Steps + 1, risk.Length - 1);
            for (var cell = 0; cell < total; cell++)
            {
                double left = 1;
                for (int i = 0, code = cell; i < risk.Length - 1; i++, code /= Steps + 1)
                {
                    point[i] = Math.Max(0, centre[i] + half * (2.0 * (code % (Steps + 1)) / Steps - 1));
                    left -= point[i];
                }

                point[^1] = Math.Max(0, left);
                Normalise(point);
                var pull = Pull(point, prior, eta);
                var value = Dot(prior, risk) + pull * (Dot(point, risk) - Dot(prior, risk));
                if (value <= bestValue) continue;
                bestValue = value;
                point.CopyTo(best, 0);
            }
        }

        return bestValue;
    }

    /// <summary>A random distribution pulled towards the prior until it lies in the ball.</summary>
    public static double[] Feasible(Random random, double[] prior, double eta)
    {
        var p = new double[prior.Length];
        for (var k = 0; k < p.Length; k++) p[k] = random.Next(3) == 0 ? 0 : -Math.Log(1 - random.NextDouble());
        if (p.Sum() == 0) p[0] = 1;
        Normalise(p);
        var pull = Pull(p, prior, eta);
        for (var k = 0; k < p.Length; k++) p[k] = prior[k] + pull * (p[k] - prior[k]);
        return p;
    }

    /// <summary>How far one can go from the prior towards p inside the ball, at most 1.</summary>
    private static double Pull(double[] p, double[] prior, double eta)
    {
        var divergence = Divergence(p, prior);
        return divergence <= eta ? 1 : Math.Sqrt(eta / divergence) * (1 - 1e-14);
    }

    private static double[] Tilt(double[] risk, double[] prior, double nu)
    {
        var p = new double[risk.Length];
        for (var k = 0; k < p.Length; k++) p[k] = prior[k] * Math.Max(0, risk[k] - nu);
        Normalise(p);
        return p;
    }
}
