using System.Buffers;

namespace Codat.Native.Robust;

/// <summary>The worst class distribution in a chi-square ball around a prior: as published, and exact.</summary>
/// <remarks>
/// For class risks H, prior p0 and radius eta the inner problem of class optimal distribution training is
/// max over p of sum_k p_k H_k with sum_k (p_k - p0_k)^2 / p0_k at most eta and sum_k p_k = 1 (arXiv 2501.04527,
/// Eqs. 4-6).
/// <para>Classes with prior 0, or marked 0 in <c>present</c>, are absent: weight 0, risk not looked at, and the
/// prior is
/// renormalised over the others. An empty prior means uniform, an empty <c>present</c> means all classes.</para>
/// <para>All risks equal, one class, or radius 0: the weights are the (renormalised) prior.</para>
/// <para>Nothing is allocated for up to 256 classes; above, scratch comes from the shared pool. Every method is
/// thread-safe
/// and gives the same bits on every call. Spans must not overlap.</para>
/// </remarks>
public static class ChiSquareWeights
{
    private const int StackClasses = 256;

    /// <summary>The published closed form p_k = p0_k (1 + sqrt(eta/v) (H_k - m)) (Theorem 1, Eq. 8), which may be
    /// negative.</summary>
    /// <param name="risk">K class risks.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform.</param>
    /// <param name="ball">The ball of radius eta.</param>
    /// <param name="weights">Receives K weights that sum to 1; not-a-number when the status is not Ok.</param>
    /// <param name="present">K marks, 0 for an absent class; empty when all are present.</param>
    /// <returns>The objective m + sqrt(eta v) (Eq. 11) and the number of negative weights.</returns>
    public static ChiSquareSolution Published(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, ChiSquareBall ball,
        Span<double> weights, ReadOnlySpan<byte> present = default)
    {
        var view = Prepare(risk, prior, ball, weights, present, out var failure);
        return failure.Status == DroStatus.Ok ? PublishedFrom(view, ball.Radius, weights) : failure;
    }

    /// <summary>The true maximiser over the ball and the simplex: p_k proportional to p0_k max(0, H_k - nu).</summary>
    /// <param name="risk">K class risks.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform.</param>
    /// <param name="ball">The ball of radius eta.</param>
    /// <param name="weights">Receives K weights, none negative, that sum to 1; not-a-number when the status is not
    /// Ok.</param>
    /// <param name="present">K marks, 0 for an absent class; empty when all are present.</param>
    /// <remarks>
    /// The same bits as <see cref="Published"/> whenever none of those is negative. From the radius (1 - Q)/Q on,
    /// with Q the
    /// prior of the classes that share the largest risk, all weight is theirs in proportion to the prior, and the
    /// radius attained stays (1 - Q)/Q.
    /// </remarks>
    public static ChiSquareSolution Exact(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, ChiSquareBall ball,
        Span<double> weights, ReadOnlySpan<byte> present = default)
    {
        var view = Prepare(risk, prior, ball, weights, present, out var failure);
        if (failure.Status != DroStatus.Ok) return failure;
        var published = PublishedFrom(view, ball.Radius, weights);
        if (published.Negative == 0) return published;

        if (view.Count <= StackClasses)
        {
            SolveActiveSet(view, ball.Radius, weights,
                stackalloc double[view.Count], stackalloc int[view.Count], stackalloc double[view.Count]);
        }
        else
        {
            var reals = ArrayPool<double>.Shared.Rent(2 * view.Count);
            var order = ArrayPool<int>.Shared.Rent(view.Count);
            SolveActiveSet(view, ball.Radius, weights,
                reals.AsSpan(0, view.Count), order.AsSpan(0, view.Count), reals.AsSpan(view.Count, view.Count));
            ArrayPool<int>.Shared.Return(order);
            ArrayPool<double>.Shared.Return(reals);
        }

        return Summarise(view, weights, WeightedExcess(view, weights));
    }

    private static ClassView Prepare(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, ChiSquareBall ball,
        Span<double> weights, ReadOnlySpan<byte> present, out ChiSquareSolution failure)
    {
        if (weights.Length != risk.Length)
            throw new ArgumentException($"Room for {weights.Length} weights of {risk.Length} risks.", nameof(weights));
        var view = ClassView.Create(risk, prior, present);
        var status = ball.IsValid ? view.Status : DroStatus.RadiusInvalid;
        failure = default;
        if (status == DroStatus.Ok) return view;
        weights.Fill(double.NaN);
        failure = ChiSquareSolution.Failed(status, ball.IsValid ? view.BadClass : -1);
        return view;
    }

    private static ChiSquareSolution PublishedFrom(in ClassView view, double eta, Span<double> weights)
    {
        var deviation = Math.Sqrt(view.ScaledVariance);
        var slope = deviation > 0 ? Math.Sqrt(eta) / deviation : 0;
        for (var k = 0; k < weights.Length; k++)
            weights[k] = view.Contains(k) ? view.Prior(k) * (1 + slope * view.Centred(k)) : 0;
        return Summarise(view, weights, Math.Sqrt(eta) * deviation);
    }

    /// <summary>Drops the classes of least risk until the rest can fill the ball, then solves for that active
    /// set.</summary>
    /// <remarks>
    /// Class j of the descending order is active exactly when its risk exceeds nu. With the prior mass Q, the moment
    /// S1 = sum p0 (H - H_j) and the squared deviation M2 = sum p0 (H - mean)^2 of the classes before it, that is
    /// Q M2 > ((1 + eta) Q - 1) S1^2. All three grow by non-negative terms, so nothing cancels; (1 + eta) Q - 1 is
    /// taken as
    /// eta Q - R with R the mass that is left.
    /// </remarks>
    private static void SolveActiveSet(in ClassView view, double eta, Span<double> weights,
        Span<double> keys, Span<int> order, Span<double> left)
    {
        SortDescending(view, keys, order);
        left[^1] = 0;
        for (var j = order.Length - 1; j > 0; j--) left[j - 1] = left[j] + view.Prior(order[j]);

        double mass = view.Prior(order[0]), first = 0, second = 0;
        var active = 1;
        for (; active < order.Length; active++)
        {
            var gap = keys[active] - keys[active - 1];
            first += mass * gap;
            // Classes of equal risk enter together: only a real step down is tested.
            if (gap > 0 && mass * second <= (eta * mass - left[active - 1]) * first * first) break;
            var prior = view.Prior(order[active]);
            second += prior / (mass * (mass + prior)) * first * first;
            mass += prior;
        }

        weights.Clear();
        FillActive(view, eta, weights, keys[..active], order[..active], left[active - 1]);
    }

    /// <summary>Weights p0 ((H - H_last) + delta) / T, which reach the radius exactly; T = sqrt(Q M2 / (eta Q -
    /// R)).</summary>
    private static void FillActive(in ClassView view, double eta, Span<double> weights,
        ReadOnlySpan<double> keys, ReadOnlySpan<int> order, double left)
    {
        var last = keys[^1];
        CompensatedSum mass = default, first = default, second = default;
        for (var j = 0; j < order.Length; j++)
        {
            var prior = view.Prior(order[j]);
            mass.Add(prior);
            first.Add(prior * (last - keys[j]));
        }

        var mean = first.Value / mass.Value;
        for (var j = 0; j < order.Length; j++)
        {
            var centred = (last - keys[j]) - mean;
            second.Add(view.Prior(order[j]) * centred * centred);
        }

        var total = Math.Sqrt(mass.Value * second.Value / (eta * mass.Value - left));
        // Only the largest risk is left (or deviations too small for a double): share by the prior.
        var isTie = last == keys[0] || !(total > 0) || !double.IsFinite(total);
        var delta = isTie ? 0 : Math.Max(0, (total - first.Value) / mass.Value);
        for (var j = 0; j < order.Length; j++)
        {
            var prior = view.Prior(order[j]);
            weights[order[j]] = isTie ? prior / mass.Value : prior * ((last - keys[j]) + delta) / total;
        }
    }

    /// <summary>Sorts the classes by falling risk, equal risks by class index; keys are negated scaled
    /// risks.</summary>
    private static void SortDescending(in ClassView view, Span<double> keys, Span<int> order)
    {
        var count = 0;
        for (var k = 0; k < view.Length; k++)
        {
            if (!view.Contains(k)) continue;
            keys[count] = -view.Scaled(k);
            order[count++] = k;
        }

        keys.Sort(order);
        for (var start = 0; start < count;)
        {
            var end = start + 1;
            while (end < count && keys[end] == keys[start]) end++;
            order[start..end].Sort();
            start = end;
        }
    }

    internal static double WeightedExcess(in ClassView view, ReadOnlySpan<double> weights)
    {
        var sum = new CompensatedSum();
        for (var k = 0; k < weights.Length; k++)
        {
            if (view.Contains(k)) sum.Add(weights[k] * view.Centred(k));
        }

        return sum.Value;
    }

    internal static ChiSquareSolution Summarise(in ClassView view, ReadOnlySpan<double> weights, double scaledExcess)
    {
        int active = 0, negative = 0;
        var min = double.PositiveInfinity;
        for (var k = 0; k < weights.Length; k++)
        {
            if (!view.Contains(k)) continue;
            if (weights[k] > 0) active++;
            if (weights[k] < 0) negative++;
            min = Math.Min(min, weights[k]);
        }

        var excess = scaledExcess * view.Scale;
        var variance = view.ScaledVariance * view.Scale * view.Scale;
        return new ChiSquareSolution(DroStatus.Ok, -1, view.Count, view.Mean, variance, view.Mean + excess, excess,
            active, negative, min);
    }
}
