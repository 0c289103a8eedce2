namespace Codat.Native.Robust;

/// <summary>
/// The member of a one-parameter family of distributions p_k = p0_k r_k(s) / R, R = sum p0 r, that lies at a given
/// divergence from the prior; s = 0 is the prior, and the divergence grows with s.
/// </summary>
/// <remarks>
/// With the gap d_k of a class to the largest risk: KL(p || p0) has r = exp(-s d), KL(p0 || p) has r = 1 / (1 + s d).
/// Divergences are sums of terms that are never negative, each right relative to itself: with y = p/p0 - 1 they are
/// p0 ((1 + y) log(1 + y) - y) and p0 (y - log(1 + y)), so tiny radii lose no digits.
/// </remarks>
internal readonly ref struct TiltSolver
{
    private const int MaxSteps = 100, BisectEvery = 4;
    private const double Close = 1e-14, Largest = 1e300, SeriesReach = 0.5;

    private readonly ClassView _view;
    private readonly bool _isReverse;
    private readonly Span<double> _weights;
    private readonly double _top;

    /// <summary>The weights hold r and, in the end, p.</summary>
    public TiltSolver(in ClassView view, bool isReverse, Span<double> weights)
    {
        _view = view;
        _isReverse = isReverse;
        _weights = weights;
        _top = double.NegativeInfinity;
        for (var k = 0; k < weights.Length; k++)
            if (view.Contains(k)) _top = Math.Max(_top, view.Centred(k));
    }

    /// <summary>Fills the weights for a positive radius.</summary>
    public void Solve(double eta)
    {
        if (!_isReverse && FillWorst(eta)) return;
        double low = 0, high = double.PositiveInfinity, lastPlace = 0, lastMiss = 0;
        // To second order both divergences are s^2 Var / 2.
        var s = Math.Sqrt(2 * eta / _view.ScaledVariance);
        if (!(s > 0 && s < Largest)) s = 1;
        for (var step = 1; step <= MaxSteps; step++)
        {
            var divergence = Divergence(s);
            if (Math.Abs(divergence - eta) <= Close * eta) break;
            if (divergence < eta) low = s;
            else high = s;

            // A secant through the last two points, in logarithms; the slope is 2 where s is small.
            var (place, miss) = (PortableMath.Log(s), PortableMath.Log(divergence / eta));
            var slope = step == 1 ? 2 : (miss - lastMiss) / (place - lastPlace);
            (lastPlace, lastMiss) = (place, miss);
            var next = step % BisectEvery == 0 ? double.NaN : s * PortableMath.Exp(-miss / slope);
            if (!(next > low && next < high)) next = Between(low, high);
            if (!(next > low && next < high) || next > Largest) break;
            s = next;
        }

        Normalise(s);
    }

    /// <summary>All weight on the classes of the largest risk where the ball reaches that far.</summary>
    private bool FillWorst(double eta)
    {
        var mass = new CompensatedSum();
        for (var k = 0; k < _weights.Length; k++)
            if (_view.Contains(k) && _view.Centred(k) == _top) mass.Add(_view.Prior(k));
        if (eta < -PortableMath.Log(mass.Value)) return false;
        for (var k = 0; k < _weights.Length; k++)
        {
            var isWorst = _view.Contains(k) && _view.Centred(k) == _top;
            _weights[k] = isWorst ? _view.Prior(k) / mass.Value : 0;
        }

        return true;
    }

    private double Divergence(double s)
    {
        CompensatedSum total = default, missing = default, divergence = default;
        for (var k = 0; k < _weights.Length; k++)
        {
            if (!_view.Contains(k)) continue;
            var (r, shortfall) = Multiple(s, k);
            _weights[k] = r;
            total.Add(_view.Prior(k) * r);
            missing.Add(_view.Prior(k) * shortfall);
        }

        for (var k = 0; k < _weights.Length; k++)
        {
            if (!_view.Contains(k)) continue;
            // y from what is missing and not from r / R - 1, which would cancel.
            var y = (missing.Value - Multiple(s, k).Shortfall) / total.Value;
            divergence.Add(_view.Prior(k) * Term(y, _weights[k] / total.Value));
        }

        return divergence.Value;
    }

    /// <summary>r and 1 - r.</summary>
    private (double R, double Shortfall) Multiple(double s, int k)
    {
        var reach = s * (_top - _view.Centred(k));
        return _isReverse
            ? (1 / (1 + reach), reach / (1 + reach))
            : (PortableMath.Exp(-reach), -PortableMath.ExpLessOne(-reach));
    }

    private double Term(double y, double ratio)
    {
        if (Math.Abs(y) <= SeriesReach)
        {
            var gap = PortableMath.LogGap(y);
            return _isReverse ? gap : y * (y - gap) - gap;
        }

        var log = PortableMath.Log(ratio);
        if (_isReverse) return y - log;
        return ratio > 0 ? ratio * log - y : 1;
    }

    private static double Between(double low, double high) =>
        high == double.PositiveInfinity ? 4 * low : low == 0 ? high / 4 : Math.Sqrt(low) * Math.Sqrt(high);

    private void Normalise(double s)
    {
        var total = new CompensatedSum();
        for (var k = 0; k < _weights.Length; k++)
        {
            _weights[k] = 0;
            if (!_view.Contains(k)) continue;
            _weights[k] = _view.Prior(k) * Multiple(s, k).R;
            total.Add(_weights[k]);
        }

        for (var k = 0; k < _weights.Length; k++) _weights[k] /= total.Value;
    }
}
