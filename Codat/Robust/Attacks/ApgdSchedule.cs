namespace Codat.Native.Robust;

/// <summary>
/// The step size of APGD: halved at a checkpoint where the loss rose too seldom, or where neither step nor best loss
/// has changed since the last one. Croce and Hein 2020 (arXiv 2003.01690), section 3.1.
/// </summary>
internal sealed class ApgdSchedule(int iterations, double epsilon)
{
    private const double Rho = 0.75;

    private readonly int _first = Math.Max((int)(0.22 * iterations), 1);
    private readonly int _least = Math.Max((int)(0.06 * iterations), 1);
    private readonly int _decrement = Math.Max((int)(0.03 * iterations), 1);
    private int _interval, _since, _rises;
    private float _last, _bestBefore;
    private bool _halvedBefore;

    /// <summary>Length of the next step.</summary>
    public double StepSize { get; private set; }

    /// <summary>The largest loss seen.</summary>
    public float Best { get; private set; }

    /// <summary>Begins at a start with this loss.</summary>
    public void Reset(float loss)
    {
        (StepSize, _interval, _since, _rises) = (2 * epsilon, _first, 0, 0);
        (_last, Best, _bestBefore) = (loss, loss, loss);
        _halvedBefore = true; // the first checkpoint does not look at the best loss
    }

    /// <summary>Whether a loss is the largest so far; asked before it is taken.</summary>
    public bool Improves(float loss) => loss > Best;

    /// <summary>Takes the loss after a step; true where the search is to go on from the best point.</summary>
    public bool Take(float loss)
    {
        if (loss > _last) _rises++;
        _last = loss;
        if (loss > Best) Best = loss;
        if (++_since < _interval) return false;
        var halve = _rises <= Rho * _interval || (!_halvedBefore && _bestBefore >= Best);
        if (halve) StepSize /= 2;
        (_halvedBefore, _bestBefore, _since, _rises) = (halve, Best, 0, 0);
        _interval = Math.Max(_interval - _decrement, _least);
        return halve;
    }
}
