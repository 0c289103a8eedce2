namespace Codat.Native.Robust;

/// <summary>A radius that climbs a ladder one rung an epoch while the validation does not suffer.</summary>
/// <remarks>
/// After each epoch: a step down where the average robust accuracy is below the best seen, or the worst class below the
/// epoch before, by more than slack standard errors of one measurement; a step up otherwise. A rung left downwards is
/// not tried again for so many epochs as wait says. Steps of one rung make every change a small one.
/// <para>slack 1: both accuracies are binomial shares of the validation images, which are the same in every epoch, so
/// one standard error is a wide margin for their difference. wait 3: training moves on, so a rung may become right
/// later. First rung 0.05: below 1/(K - 1) for up to 20 classes, where no published weight is negative
/// (<see cref="ChiSquareBall.NonNegativeRadius"/>). Rungs above cap are left out.</para>
/// </remarks>
internal sealed class SafeLadder : RadiusRule
{
    private const int Rung = 0, BestAverage = 1, LastWorst = 2, Blocked = 3;
    private const int FirstRung = 1;
    private const double Unknown = -1;

    private static readonly double[] s_rungs = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1];

    private readonly double[] _rungs;
    private readonly double _slack, _wait;

    public SafeLadder(MethodNumbers numbers)
    {
        (_slack, _wait) = (numbers[MethodKeys.Slack], Math.Round(numbers[MethodKeys.Wait]));
        _rungs = [.. s_rungs.Where(rung => rung <= numbers[MethodKeys.Cap])];
        State = new double[Blocked + _rungs.Length];
        State[Rung] = Math.Min(FirstRung, _rungs.Length - 1);
        (State[BestAverage], State[LastWorst]) = (Unknown, Unknown);
        Begin = _rungs[(int)State[Rung]];
    }

    public override double Begin { get; }

    /// <summary>The rung, the best average, the worst class of the epoch before, and for each rung the epochs it stays
    /// blocked.</summary>
    public override double[] State { get; }

    public override double Next(double radius, ClassAccuracy? robust)
    {
        if (robust is null) return radius;
        var blocked = State.AsSpan(Blocked);
        foreach (ref var epochs in blocked) epochs = Math.Max(0, epochs - 1);
        var rung = (int)State[Rung];
        if (Suffers(robust))
        {
            blocked[rung] = _wait;
            rung = Math.Max(0, rung - 1);
        }
        else if (rung + 1 < _rungs.Length && blocked[rung + 1] == 0) rung++;

        State[Rung] = rung;
        State[BestAverage] = Math.Max(State[BestAverage], robust.Average);
        State[LastWorst] = robust.Worst;
        return _rungs[rung];
    }

    public override bool IsPossible(double radius)
    {
        var blocked = State.AsSpan(Blocked);
        var rung = State[Rung];
        if (!(rung >= 0 && rung < _rungs.Length && rung == Math.Floor(rung))) return false;
        if (radius != _rungs[(int)rung]) return false;
        foreach (var epochs in blocked)
            if (epochs < 0 || epochs > _wait) return false;
        return State[BestAverage] is >= Unknown and <= 1 && State[LastWorst] is >= Unknown and <= 1;
    }

    private bool Suffers(ClassAccuracy robust)
    {
        if (State[LastWorst] == Unknown || robust.WorstClass is not { } worst) return false;
        double images = 0, variance = 0;
        foreach (var row in robust.PerClass)
        {
            if (row.N == 0) continue;
            images += row.N;
            variance += row.N * row.Accuracy * (1 - row.Accuracy);
        }
        var ofAverage = Math.Sqrt(variance) / images;
        // Of the accuracy before: one that has come down to 0 would have no error.
        var ofWorst = Math.Sqrt(State[LastWorst] * (1 - State[LastWorst]) / robust.PerClass[worst].N);
        return robust.Average < State[BestAverage] - _slack * ofAverage
            || robust.Worst < State[LastWorst] - _slack * ofWorst;
    }
}
