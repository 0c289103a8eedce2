namespace Codat.Native.Robust;

/// <summary>Evidence that given weights are (or are not) the worst distribution of the ball, computed without the
/// solver.</summary>
/// <param name="Status">Anything but <see cref="DroStatus.Ok"/> means that there is no evidence.</param>
/// <param name="Kkt">
/// Largest violation of the optimality conditions, absolute: of |sum p - 1|, -p_k, weight on an absent class and
/// radius - eta (no unit), and of the stationarity |max(0, H_k - nu) - 2 lambda p_k/p0_k| and the complementarities
/// |p_k (H_k - nu - 2 lambda p_k/p0_k)| and
/// lambda (eta - radius) (units of the risk).
/// </param>
/// <param name="Radius">sum_k (p_k - p0_k)^2 / p0_k of the weights.</param>
/// <param name="Gap">Dual bound minus the weights' objective, units of the risk; negative only for infeasible
/// weights.</param>
/// <param name="Active">The number of classes with a positive weight.</param>
/// <param name="Lambda">The multiplier of the radius, units of the risk; infinite at radius 0.</param>
/// <param name="Nu">Classes of a risk up to this one get no weight, units of the risk; minus infinity at radius
/// 0.</param>
/// <remarks>
/// The Lagrangian dual of max p·H over the simplex and the ball, with multiplier mu for sum p = 1 and nu = mu - 2
/// lambda, is
/// min over lambda >= 0, nu of nu + lambda (1 + eta) + sum_k p0_k max(0, H_k - nu)^2 / (4 lambda); the best lambda
/// leaves
/// D(nu) = nu + sqrt((1 + eta) S2), S2 = sum_k p0_k max(0, H_k - nu)^2, which is convex in nu. Every nu bounds every
/// feasible objective
/// from above. The minimiser is found by bisecting the sign of D', i.e. of S2 - S1^2 - eta S1^2, S1 = sum_k p0_k
/// max(0, H_k - nu),
/// down to neighbouring doubles; then 2 lambda = S1.
/// </remarks>
public readonly record struct DroCertificate(
    DroStatus Status,
    double Kkt,
    double Radius,
    double Gap,
    int Active,
    double Lambda,
    double Nu)
{
    /// <summary>Halvings of a bracket that shrinks to nothing unless the minimiser is 0; 2^-200 is as good as 0
    /// there.</summary>
    private const int MaxHalvings = 200;

    /// <summary>Computes the certificate of K weights; allocates nothing.</summary>
    /// <param name="risk">K class risks.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform.</param>
    /// <param name="ball">The ball of radius eta.</param>
    /// <param name="weights">The K weights to judge, from any source.</param>
    /// <param name="present">K marks, 0 for an absent class; empty when all are present.</param>
    public static DroCertificate Compute(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, ChiSquareBall ball,
        ReadOnlySpan<double> weights, ReadOnlySpan<byte> present = default)
    {
        if (weights.Length != risk.Length)
            throw new ArgumentException($"{weights.Length} weights for {risk.Length} risks.", nameof(weights));
        var view = ClassView.Create(risk, prior, present);
        var status = ball.IsValid ? view.Status : DroStatus.RadiusInvalid;
        if (status != DroStatus.Ok)
            return new DroCertificate(status, double.NaN, double.NaN, double.NaN, 0, double.NaN, double.NaN);

        var primal = Primal.Of(view, weights);
        // At radius 0 the multiplier is infinite and the conditions read p = p0.
        if (ball.Radius == 0)
        {
            return new DroCertificate(DroStatus.Ok, Math.Max(primal.Infeasibility(0), primal.Distance), primal.Radius,
                -primal.Excess * view.Scale, primal.Active, double.PositiveInfinity, double.NegativeInfinity);
        }

        var eta = ball.Radius;
        var offset = MinimiseDual(view, eta);
        var moments = DualMoments.At(view, offset);
        var stationarity = Stationarity(view, weights, offset, moments.First);
        var complementarity = moments.First / 2 * Math.Max(0, eta - primal.Radius);
        var kkt = Math.Max(primal.Infeasibility(eta), Math.Max(stationarity, complementarity) * view.Scale);
        return new DroCertificate(DroStatus.Ok, kkt, primal.Radius,
            (moments.Bound(eta, offset) - primal.Excess) * view.Scale, primal.Active,
            moments.First / 2 * view.Scale, view.Mean - offset * view.Scale);
    }

    /// <summary>Finds a = mean - nu, in scaled units, at which D is smallest.</summary>
    private static double MinimiseDual(in ClassView view, double eta)
    {
        double largest = double.NegativeInfinity, smallest = double.PositiveInfinity;
        for (var k = 0; k < view.Length; k++)
        {
            if (!view.Contains(k)) continue;
            largest = Math.Max(largest, view.Centred(k));
            smallest = Math.Min(smallest, view.Centred(k));
        }

        // With every class active S2 - S1^2 is the variance and S1 is a.
        var allActive = Math.Sqrt(view.ScaledVariance) / Math.Sqrt(eta);
        if (allActive >= -smallest) return allActive;
        double low = -largest, high = -smallest;
        var falls = false;
        for (var i = 0; i < MaxHalvings; i++)
        {
            var middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) break;
            if (DualMoments.At(view, middle).Slope(eta) > 0)
            {
                low = middle;
                falls = true;
            }
            else
            {
                high = middle;
            }
        }

        // Beyond the point-mass radius D only grows as nu leaves the largest risk, and the lower end itself is best.
        return falls ? high : low;
    }

    private static double Stationarity(in ClassView view, ReadOnlySpan<double> weights, double offset, double first)
    {
        var worst = 0.0;
        for (var k = 0; k < weights.Length; k++)
        {
            if (!view.Contains(k)) continue;
            var excess = view.Centred(k) + offset;
            var multiple = first * (weights[k] / view.Prior(k));
            worst = Math.Max(worst, Math.Abs(Math.Max(0, excess) - multiple));
            // With lambda = 0 the line above is blind to weight on classes below nu.
            worst = Math.Max(worst, Math.Abs(weights[k] * (excess - multiple)));
        }

        return worst;
    }

    /// <summary>What can be said of the weights alone; Math.Max lets a not-a-number weight through to the
    /// result.</summary>
    private readonly record struct Primal(
        double SumError, double Worst, double Radius, double Distance, double Excess, int Active)
    {
        public double Infeasibility(double eta) => Math.Max(Math.Max(SumError, Worst), Math.Max(0, Radius - eta));

        public static Primal Of(in ClassView view, ReadOnlySpan<double> weights)
        {
            CompensatedSum sum = default, radius = default, excess = default;
            double worst = 0, distance = 0;
            var active = 0;
            for (var k = 0; k < weights.Length; k++)
            {
                var weight = weights[k];
                if (!view.Contains(k))
                {
                    worst = Math.Max(worst, Math.Abs(weight));
                    continue;
                }

                if (weight > 0) active++;
                var step = weight - view.Prior(k);
                sum.Add(weight);
                radius.Add(step * step / view.Prior(k));
                excess.Add(weight * view.Centred(k));
                worst = Math.Max(worst, -weight);
                distance = Math.Max(distance, Math.Abs(step));
            }

            return new Primal(Math.Abs(sum.Value - 1), worst, radius.Value, distance, excess.Value, active);
        }
    }
}
