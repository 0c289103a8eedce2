namespace Codat.Native.Robust;

/// <summary>A running sum whose rounding error does not grow with the number of terms (Neumaier's variant of
/// Kahan).</summary>
internal struct CompensatedSum
{
    private double _sum;
    private double _error;

    public readonly double Value => _sum + _error;

    public void Add(double term)
    {
        var total = _sum + term;
        _error += Math.Abs(_sum) >= Math.Abs(term) ? (_sum - total) + term : (term - total) + _sum;
        _sum = total;
    }
}
