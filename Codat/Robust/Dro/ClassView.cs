namespace Codat.Native.Robust;

/// <summary>The classes that take part, their prior renormalised to 1, and their risks scaled and centred.</summary>
/// <remarks>
/// Risks are multiplied by a power of two (exactly) so that the largest lies in [1, 2): squares can then neither
/// overflow
/// nor vanish. They are centred in two steps, first on the rounded mean and then on the mean of what is left, so
/// that a
/// centred risk is right relative to itself and not to the mean: risks of 1e12 that differ in the fourth decimal keep
/// every digit of their differences.
/// </remarks>
internal readonly ref struct ClassView
{
    /// <summary>A prior whose sum is this close to 1 is taken as it is: dividing would only disturb its last
    /// bits.</summary>
    private const double SumSlack = 4 * 2.220446049250313e-16;

    private readonly ReadOnlySpan<double> _risk;
    private readonly ReadOnlySpan<double> _prior;
    private readonly ReadOnlySpan<byte> _present;
    private readonly double _total;
    private readonly double _inverse;
    private readonly double _roughMean;
    private readonly double _shift;

    private ClassView(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, ReadOnlySpan<byte> present)
    {
        _risk = risk;
        _prior = prior;
        _present = present;
        BadClass = -1;

        Status = CheckPrior(out _total, out var count, out var badClass);
        Count = count;
        var isConstant = true;
        if (Status == DroStatus.Ok) Status = CheckRisk(out _inverse, out isConstant, out badClass);
        if (Status != DroStatus.Ok)
        {
            BadClass = badClass;
            return;
        }

        Scale = 1 / _inverse;
        _roughMean = RoughMean(isConstant);
        if (!isConstant) _shift = MeanOfCentred();
        Mean = (_roughMean + _shift) * Scale;
        ScaledVariance = isConstant ? 0 : VarianceOfCentred();
    }

    public DroStatus Status { get; }

    public int BadClass { get; }

    /// <summary>Number of classes that take part.</summary>
    public int Count { get; }

    /// <summary>Power of two that turns a scaled risk back into a risk.</summary>
    public double Scale { get; }

    public double Mean { get; }

    /// <summary>Variance of the scaled risks; 0 exactly when all risks are equal.</summary>
    public double ScaledVariance { get; }

    public int Length => _risk.Length;

    public static ClassView Create(ReadOnlySpan<double> risk, ReadOnlySpan<double> prior, ReadOnlySpan<byte> present)
    {
        if (!prior.IsEmpty && prior.Length != risk.Length)
            throw new ArgumentException($"{prior.Length} priors for {risk.Length} risks.", nameof(prior));
        if (!present.IsEmpty && present.Length != risk.Length)
            throw new ArgumentException($"{present.Length} presence marks for {risk.Length} risks.", nameof(present));
        return new ClassView(risk, prior, present);
    }

    public bool Contains(int k) => (_present.IsEmpty || _present[k] != 0) && (_prior.IsEmpty || _prior[k] > 0);

    public double Prior(int k) => _prior.IsEmpty ? 1.0 / Count : _prior[k] / _total;

    /// <summary>The risk times a power of two.</summary>
    public double Scaled(int k) => _risk[k] * _inverse;

    /// <summary>The scaled risk minus the scaled mean.</summary>
    public double Centred(int k) => (Scaled(k) - _roughMean) - _shift;

    private DroStatus CheckPrior(out double total, out int count, out int badClass)
    {
        var sum = new CompensatedSum();
        count = 0;
        for (badClass = 0; badClass < _risk.Length; badClass++)
        {
            if (!_prior.IsEmpty && !(double.IsFinite(_prior[badClass]) && _prior[badClass] >= 0))
            {
                total = double.NaN;
                return DroStatus.PriorInvalid;
            }

            if (!Contains(badClass)) continue;
            count++;
            sum.Add(_prior.IsEmpty ? 1 : _prior[badClass]);
        }

        badClass = -1;
        total = Math.Abs(sum.Value - 1) <= SumSlack ? 1 : sum.Value;
        if (count == 0) return DroStatus.NoClass;
        return double.IsFinite(total) ? DroStatus.Ok : DroStatus.PriorInvalid;
    }

    private DroStatus CheckRisk(out double inverse, out bool isConstant, out int badClass)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        inverse = double.NaN;
        isConstant = false;
        for (badClass = 0; badClass < _risk.Length; badClass++)
        {
            if (!Contains(badClass)) continue;
            if (!double.IsFinite(_risk[badClass])) return DroStatus.RiskNotFinite;
            min = Math.Min(min, _risk[badClass]);
            max = Math.Max(max, _risk[badClass]);
        }

        badClass = -1;
        isConstant = max == min;
        var largest = Math.Max(Math.Abs(min), Math.Abs(max));
        // Below 2^-1022 the reciprocal of the power of two would overflow; a smaller scaled risk does no harm.
        var exponent = largest == 0 ? 0 : Math.Clamp(Math.ILogB(largest), -1022, 1022);
        inverse = Math.ScaleB(1, -exponent);
        return DroStatus.Ok;
    }

    private double RoughMean(bool isConstant)
    {
        var sum = new CompensatedSum();
        for (var k = 0; k < _risk.Length; k++)
        {
            if (!Contains(k)) continue;
            if (isConstant) return Scaled(k);
            sum.Add(Prior(k) * Scaled(k));
        }

        return sum.Value;
    }

    private double MeanOfCentred()
    {
        var sum = new CompensatedSum();
        for (var k = 0; k < _risk.Length; k++)
        {
            if (Contains(k)) sum.Add(Prior(k) * (Scaled(k) - _roughMean));
        }

        return sum.Value;
    }

    private double VarianceOfCentred()
    {
        var sum = new CompensatedSum();
        for (var k = 0; k < _risk.Length; k++)
        {
            if (!Contains(k)) continue;
            var centred = Centred(k);
            sum.Add(Prior(k) * centred * centred);
        }

        return sum.Value;
    }
}
