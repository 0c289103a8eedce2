namespace Codat.Native.Tests;

/// <summary>Slow ways to the worst distribution of a ball that share nothing with the solvers.</summary>
internal static class BallReference
{
    public static double Divergence(Robust.BallKind ball, ReadOnlySpan<double> p, ReadOnlySpan<double> prior)
    {
        double sum = 0, largest = 0;
        for (var k = 0; k < p.Length; k++)
        {
            sum += ball switch
            {
                Robust.BallKind.Kl => p[k] > 0 ? p[k] * Math.Log(p[k] / prior[k]) : 0,
                Robust.BallKind.ReverseKl => prior[k] * Math.Log(prior[k] / p[k]),
                _ => (p[k] - prior[k]) * (p[k] - prior[k]) / prior[k],
            };
            largest = Math.Max(largest, p[k] / prior[k]);
        }
        // A share is met where 1/share is not exceeded: turned so that less is nearer for every ball.
        return ball == Robust.BallKind.Cvar ? largest : sum;
    }

    /// <summary>What <see cref="Divergence"/> may be at most.</summary>
    public static double Limit(Robust.BallKind ball, double eta) => ball == Robust.BallKind.Cvar ? 1 / eta : eta;

    /// <summary>The best objective over a grid of directions, zoomed in around the best one again and again.</summary>
    /// <remarks>Every point of the simplex stands for the last point of the ball on the way to it from the prior.</remarks>
    public static double BruteForce(Robust.BallKind ball, double[] risk, double[] prior, double eta)
    {
        const int Steps = 12;
        var best = (double[])prior.Clone();
        var bestValue = DroReference.Dot(best, risk);
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
                DroReference.Normalise(point);
                Pull(ball, point, prior, eta);
                var value = DroReference.Dot(point, risk);
                if (value <= bestValue) continue;
                bestValue = value;
                point.CopyTo(best, 0);
            }
        }

        return bestValue;
    }

    /// <summary>A random distribution pulled towards the prior until it lies in the ball.</summary>
    public static double[] Feasible(Robust.BallKind ball, Random random, double[] prior, double eta)
    {
        var p = new double[prior.Length];
        for (var k = 0; k < p.Length; k++) p[k] = random.Next(3) == 0 ? 0 : -Math.Log(1 - random.NextDouble());
        if (p.Sum() == 0) p[0] = 1;
        DroReference.Normalise(p);
        Pull(ball, p, prior, eta);
        return p;
    }

    /// <summary>Moves a point towards the prior until the ball holds it: divergences are convex on that way.</summary>
    private static void Pull(Robust.BallKind ball, double[] p, double[] prior, double eta)
    {
        var limit = Limit(ball, eta);
        if (Divergence(ball, p, prior) <= limit) return;
        double low = 0, high = 1;
        var q = new double[p.Length];
        for (var i = 0; i < 50; i++)
        {
            var t = 0.5 * (low + high);
            for (var k = 0; k < p.Length; k++) q[k] = prior[k] + t * (p[k] - prior[k]);
            if (Divergence(ball, q, prior) <= limit) low = t;
            else high = t;
        }

        for (var k = 0; k < p.Length; k++) p[k] = prior[k] + low * (p[k] - prior[k]);
    }
}
