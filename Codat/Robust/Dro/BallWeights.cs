namespace Codat.Native.Robust;

/// <summary>The worst class distribution in a ball around a prior, for every kind of ball.</summary>
/// <remarks>
/// max over p of sum_k p_k H_k over the distributions within eta of the prior. Absent classes, priors and allocation as
/// in <see cref="ChiSquareWeights"/>; the same bits on every processor and GPU.
/// <para><b>kl</b>: p proportional to p0 exp(s H); from eta = -log Q on, with Q the prior of the classes that share the
/// largest risk, all weight is theirs. Ben-Tal et al. 2013, Management Science 59(2); Hu and Hong 2013.</para>
/// <para><b>reverse-kl</b>: p proportional to p0 / (mu - H), mu above every risk: no weight is ever 0. FAAL's ball
/// (Zhang et al. 2024, arXiv 2402.17729).</para>
/// <para><b>cvar</b>: the worst share eta of the prior mass, each class at p0 / eta, the last one at what is left; tied
/// classes share by their prior. Rockafellar and Uryasev 2000.</para>
/// <para>All risks equal, one class, radius 0 (cvar: 1): the weights are the prior.</para>
/// </remarks>
public static class BallWeights
{
    /// <summary>True for a radius that a ball can have: 0 or more; for cvar above 0 and at most 1.</summary>
    public static bool IsRadius(BallKind ball, double eta) =>
        double.IsFinite(eta) && (ball == BallKind.Cvar ? eta is > 0 and <= 1 : eta >= 0);

    /// <summary>Solves for K weights.</summary>
    /// <param name="ball">The kind of ball.</param>
    /// <param name="risk">K class risks.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform.</param>
    /// <param name="eta">The radius; for cvar the share.</param>
    /// <param name="weights">Receives K weights, none negative, that sum to 1; not-a-number when the status is not
    /// Ok.</param>
    /// <param name="present">K marks, 0 for an absent class; empty when all are present.</param>
    public static ChiSquareSolution Solve(BallKind ball, ReadOnlySpan<double> risk, ReadOnlySpan<double> prior,
        double eta, Span<double> weights, ReadOnlySpan<byte> present = default)
    {
        if (ball == BallKind.Chi2)
            return ChiSquareWeights.Exact(risk, prior, new ChiSquareBall(eta), weights, present);
        if (weights.Length != risk.Length)
            throw new ArgumentException($"Room for {weights.Length} weights of {risk.Length} risks.", nameof(weights));
        var view = ClassView.Create(risk, prior, present);
        var isRadius = IsRadius(ball, eta);
        var status = isRadius ? view.Status : DroStatus.RadiusInvalid;
        if (status != DroStatus.Ok)
        {
            weights.Fill(double.NaN);
            return ChiSquareSolution.Failed(status, isRadius ? view.BadClass : -1);
        }

        if (ball == BallKind.Cvar) FillWorstShare(view, eta, weights);
        else if (view.ScaledVariance == 0 || eta == 0) FillPrior(view, weights);
        else new TiltSolver(view, ball == BallKind.ReverseKl, weights).Solve(eta);
        return ChiSquareWeights.Summarise(view, weights, ChiSquareWeights.WeightedExcess(view, weights));
    }

    private static void FillPrior(in ClassView view, Span<double> weights)
    {
        for (var k = 0; k < weights.Length; k++) weights[k] = view.Contains(k) ? view.Prior(k) : 0;
    }

    /// <summary>Every class asks how much of the share the classes of larger risk leave it: no sorting.</summary>
    private static void FillWorstShare(in ClassView view, double eta, Span<double> weights)
    {
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = 0;
            if (!view.Contains(k)) continue;
            CompensatedSum above = default, tied = default;
            for (var j = 0; j < weights.Length; j++)
            {
                if (!view.Contains(j)) continue;
                if (view.Scaled(j) > view.Scaled(k)) above.Add(view.Prior(j));
                else if (view.Scaled(j) == view.Scaled(k)) tied.Add(view.Prior(j));
            }

            var left = eta - above.Value;
            if (left <= 0) continue;
            weights[k] = left >= tied.Value ? view.Prior(k) / eta : view.Prior(k) * (left / tied.Value) / eta;
        }
    }
}
