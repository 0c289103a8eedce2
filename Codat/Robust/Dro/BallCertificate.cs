namespace Codat.Native.Robust;

/// <summary>Evidence that given weights are (or are not) the worst distribution of a ball, computed without the
/// solver.</summary>
/// <param name="Status">Anything but <see cref="DroStatus.Ok"/> means that there is no evidence.</param>
/// <param name="Kkt">Largest violation of the optimality conditions, absolute: of |sum p - 1|, -p_k, weight on an
/// absent class and radius - eta (no unit), of the stationarity and the complementarities (units of the
/// risk).</param>
/// <param name="Radius">The divergence of the weights from the prior; for cvar the share, least p0/p.</param>
/// <param name="Gap">Dual bound minus the weights' objective, units of the risk; negative only for infeasible
/// weights.</param>
/// <param name="Active">The number of classes with a positive weight.</param>
/// <remarks>
/// Duals, with d the gap to the largest risk top, every value of which bounds every feasible objective from above.
/// kl: top + lambda (eta + log sum p0 exp(-d/lambda)); stationarity p = p0 exp((H - nu)/lambda).
/// reverse-kl: mu - exp(sum p0 log(mu - H) - eta); stationarity p (mu - H) = lambda p0.
/// cvar: nu + sum p0 max(0, H - nu) / eta; p = p0 / eta above nu, 0 below.
/// </remarks>
public readonly record struct BallCertificate(DroStatus Status, double Kkt, double Radius, double Gap, int Active)
{
    private const int Halvings = 300;
    private const double Widest = 1e160;

    /// <summary>Computes the certificate of K weights; allocates nothing.</summary>
    /// <param name="ball">The kind of ball.</param>
    /// <param name="risk">K class risks.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform.</param>
    /// <param name="eta">The radius; for cvar the share.</param>
    /// <param name="weights">The K weights to judge, from any source.</param>
    /// <param name="present">K marks, 0 for an absent class; empty when all are present.</param>
    public static BallCertificate Compute(BallKind ball, ReadOnlySpan<double> risk, ReadOnlySpan<double> prior,
        double eta, ReadOnlySpan<double> weights, ReadOnlySpan<byte> present = default)
    {
        if (ball == BallKind.Chi2)
        {
            var chi = DroCertificate.Compute(risk, prior, new ChiSquareBall(eta), weights, present);
            return new BallCertificate(chi.Status, chi.Kkt, chi.Radius, chi.Gap, chi.Active);
        }

        if (weights.Length != risk.Length)
            throw new ArgumentException($"{weights.Length} weights for {risk.Length} risks.", nameof(weights));
        var view = ClassView.Create(risk, prior, present);
        var status = BallWeights.IsRadius(ball, eta) ? view.Status : DroStatus.RadiusInvalid;
        if (status != DroStatus.Ok) return new BallCertificate(status, double.NaN, double.NaN, double.NaN, 0);

        var judge = new Judge(view, weights, ball);
        var (bound, conditions) = judge.Bound(eta);
        var over = ball == BallKind.Cvar ? eta - judge.Radius : judge.Radius - eta;
        var kkt = Math.Max(Math.Max(judge.Infeasibility, Math.Max(0, over)), conditions * view.Scale);
        return new BallCertificate(DroStatus.Ok, kkt, judge.Radius, (bound - judge.Excess) * view.Scale, judge.Active);
    }

    /// <summary>Weights beside the view they are judged in; risks are scaled and centred on their mean.</summary>
    private readonly ref struct Judge
    {
        private readonly ClassView _view;
        private readonly ReadOnlySpan<double> _weights;
        private readonly BallKind _ball;
        private readonly double _top;
        private readonly double _distance;

        public Judge(in ClassView view, ReadOnlySpan<double> weights, BallKind ball)
        {
            _view = view;
            _weights = weights;
            _ball = ball;
            _top = double.NegativeInfinity;
            CompensatedSum sum = default, excess = default, divergence = default;
            var largest = 0.0;
            var isOnEdge = false;
            for (var k = 0; k < weights.Length; k++)
            {
                if (!view.Contains(k))
                {
                    Infeasibility = Math.Max(Infeasibility, Math.Abs(weights[k]));
                    continue;
                }

                if (weights[k] > 0) Active++;
                var ratio = weights[k] / view.Prior(k);
                sum.Add(weights[k]);
                excess.Add(weights[k] * view.Centred(k));
                if (!(ratio > 0)) isOnEdge = true;
                else divergence.Add((ball == BallKind.ReverseKl ? -view.Prior(k) : weights[k]) * Math.Log(ratio));
                largest = Math.Max(largest, ratio);
                Infeasibility = Math.Max(Infeasibility, -weights[k]);
                _distance = Math.Max(_distance, Math.Abs(weights[k] - view.Prior(k)));
                _top = Math.Max(_top, view.Centred(k));
            }

            Infeasibility = Math.Max(Infeasibility, Math.Abs(sum.Value - 1));
            Excess = excess.Value;
            Radius = ball == BallKind.Cvar ? 1 / largest
                : ball == BallKind.ReverseKl && isOnEdge ? double.PositiveInfinity
                : Math.Max(0, divergence.Value);
        }

        public double Infeasibility { get; }

        public double Excess { get; }

        public double Radius { get; }

        public int Active { get; }

        /// <summary>The dual bound, and the largest violation of what must hold at its minimiser.</summary>
        public (double Bound, double Conditions) Bound(double eta)
        {
            if (_ball == BallKind.Cvar) return BoundOfShare(eta);
            // At radius 0 the multiplier is infinite and the conditions read p = p0; equal risks leave no choice.
            if (eta == 0) return (0, _distance);
            if (_view.ScaledVariance == 0) return (0, 0);
            return _ball == BallKind.Kl ? BoundOfKl(eta) : BoundOfReverseKl(eta);
        }

        private (double, double) BoundOfKl(double eta)
        {
            var lambda = FindLambda(eta);
            var (cut, _) = LogMoment(lambda);
            var conditions = lambda * Math.Max(0, eta - Radius);
            for (var k = 0; k < _weights.Length; k++)
            {
                if (!_view.Contains(k)) continue;
                var (gap, ratio) = (_top - _view.Centred(k), _weights[k] / _view.Prior(k));
                var off = lambda > 0
                    ? Math.Min(Math.Abs(gap + lambda * (cut + PortableMath.Log(ratio))),
                        lambda * Math.Abs(ratio - PortableMath.Exp(-gap / lambda - cut)))
                    : _weights[k] * gap;
                conditions = Math.Max(conditions, off);
            }

            return (_top + lambda * (eta + (lambda > 0 ? cut : 0)), conditions);
        }

        /// <summary>
        /// The lambda at which the dual is smallest; 0 where the whole way to the worst class is inside.
        /// </summary>
        private double FindLambda(double eta)
        {
            double low = 1 / Widest, high = Widest;
            if (LogMoment(low) is var (cut, slope) && -slope - cut <= eta) return 0;
            for (var i = 0; i < Halvings; i++)
            {
                var middle = Math.Sqrt(low) * Math.Sqrt(high);
                if (middle <= low || middle >= high) break;
                (cut, slope) = LogMoment(middle);
                // The derivative of the dual is eta minus the divergence of the distribution that lambda stands for.
                if (eta - (-slope - cut) < 0) low = middle;
                else high = middle;
            }

            return Math.Sqrt(low) * Math.Sqrt(high);
        }

        /// <summary>log sum p0 exp(-d/lambda), and the mean of d/lambda under the distribution it makes.</summary>
        private (double Log, double Mean) LogMoment(double lambda)
        {
            CompensatedSum less = default, mass = default, mean = default;
            for (var k = 0; k < _weights.Length; k++)
            {
                if (!_view.Contains(k)) continue;
                var reach = lambda > 0 ? (_top - _view.Centred(k)) / lambda : 0;
                less.Add(_view.Prior(k) * PortableMath.ExpLessOne(-reach));
                mass.Add(_view.Prior(k) * PortableMath.Exp(-reach));
                if (reach < Widest) mean.Add(_view.Prior(k) * PortableMath.Exp(-reach) * reach);
            }

            var y = less.Value;
            var log = y > -0.5 ? y - PortableMath.LogGap(y) : PortableMath.Log(mass.Value);
            return (log, mean.Value / mass.Value);
        }

        private (double, double) BoundOfReverseKl(double eta)
        {
            double low = 1 / Widest, high = Widest;
            for (var i = 0; i < Halvings; i++)
            {
                var middle = Math.Sqrt(low) * Math.Sqrt(high);
                if (middle <= low || middle >= high) break;
                // The dual falls while the divergence of the distribution that mu stands for is above eta.
                if (LogGaps(middle) is var (log, missing) && log + LogOfOneLess(missing) > eta) low = middle;
                else high = middle;
            }

            var delta = Math.Sqrt(low) * Math.Sqrt(high);
            var reach = LogGaps(delta).Log - eta;
            var lambda = delta * PortableMath.Exp(reach);
            var conditions = lambda * Math.Max(0, eta - Radius);
            for (var k = 0; k < _weights.Length; k++)
            {
                if (!_view.Contains(k)) continue;
                var off = _weights[k] / _view.Prior(k) * (delta + (_top - _view.Centred(k))) - lambda;
                conditions = Math.Max(conditions, Math.Abs(off));
            }

            return (_top - delta * PortableMath.ExpLessOne(reach), conditions);
        }

        private static double LogOfOneLess(double x) =>
            x < 0.5 ? -x - PortableMath.LogGap(-x) : PortableMath.Log(1 - x);

        /// <summary>sum p0 log(1 + d/delta), and 1 - sum p0 / (1 + d/delta).</summary>
        private (double Log, double Missing) LogGaps(double delta)
        {
            CompensatedSum log = default, missing = default;
            for (var k = 0; k < _weights.Length; k++)
            {
                if (!_view.Contains(k)) continue;
                var y = (_top - _view.Centred(k)) / delta;
                log.Add(_view.Prior(k) * (y < 0.5 ? y - PortableMath.LogGap(y) : PortableMath.Log(1 + y)));
                missing.Add(_view.Prior(k) * (y / (1 + y)));
            }

            return (log.Value, missing.Value);
        }

        /// <summary>The dual of cvar is piecewise linear: smallest at one of the risks.</summary>
        private (double, double) BoundOfShare(double eta)
        {
            var (bound, nu) = (double.PositiveInfinity, 0.0);
            for (var j = 0; j < _weights.Length; j++)
            {
                if (!_view.Contains(j)) continue;
                var above = new CompensatedSum();
                for (var k = 0; k < _weights.Length; k++)
                    if (_view.Contains(k))
                        above.Add(_view.Prior(k) * Math.Max(0, _view.Centred(k) - _view.Centred(j)));
                var value = _view.Centred(j) + above.Value / eta;
                if (value < bound) (bound, nu) = (value, _view.Centred(j));
            }

            var conditions = 0.0;
            for (var k = 0; k < _weights.Length; k++)
            {
                if (!_view.Contains(k)) continue;
                var step = _view.Centred(k) - nu;
                var off = step > 0 ? step * (_view.Prior(k) / eta - _weights[k]) : step * _weights[k];
                conditions = Math.Max(conditions, Math.Abs(off));
            }

            return (bound, conditions);
        }
    }
}
