namespace Codat.Native.Robust;

/// <summary>Sums over images, by class and step of an attack.</summary>
/// <remarks>
/// All whole numbers, the gains in small units: sums are the same in every order, so neither batches nor threads nor
/// an interruption can be told from them.
/// </remarks>
internal sealed class StepTotals
{
    /// <summary>The unit of a gain; nothing larger than 2^20 is summed, so that a million images fit.</summary>
    public const double GainUnit = 1.0 / (1 << 20);

    private const double MostGain = 1 << 20;

    private readonly long[] _values;

    /// <summary>All zero.</summary>
    /// <param name="classes">Classes.</param>
    /// <param name="steps">Steps of the attack.</param>
    /// <param name="pixels">Values of an image.</param>
    public StepTotals(int classes, int steps, int pixels)
    {
        (Classes, Axis, Pixels) = (classes, new StepAxis(steps, classes), pixels);
        _values = new long[classes * Axis.Points * (int)StepQuantity.Count];
    }

    public int Classes { get; }

    public StepAxis Axis { get; }

    /// <summary>Values of an image.</summary>
    public int Pixels { get; }

    /// <summary>All sums, for keeping.</summary>
    public Span<long> Values => _values;

    /// <summary>A sum.</summary>
    public long this[int label, int point, StepQuantity quantity] => _values[At(label, point) + (int)quantity];

    /// <summary>Adds what was seen of an image.</summary>
    public void Add(int label, int step, in StepSample sample)
    {
        var sums = _values.AsSpan(At(label, Axis.PointOf(step)), (int)StepQuantity.Count);
        sums[(int)StepQuantity.Looks]++;
        if (!double.IsNaN(sample.Gain))
        {
            sums[(int)StepQuantity.Gained]++;
            sums[(int)StepQuantity.Gain] += (long)Math.Round(Math.Clamp(sample.Gain, -MostGain, MostGain) / GainUnit);
        }
        if (sample.AtBound >= 0)
        {
            sums[(int)StepQuantity.Placed]++;
            sums[(int)StepQuantity.AtBound] += sample.AtBound;
        }
        if (sample.Zeros < 0) return;
        sums[(int)StepQuantity.Differentiated]++;
        if (sample.Zeros == Pixels) sums[(int)StepQuantity.ZeroGradients]++;
        if (sample.NonFinite > 0) sums[(int)StepQuantity.BadGradients]++;
        if (sample.Flips < 0) return;
        sums[(int)StepQuantity.Compared]++;
        sums[(int)StepQuantity.Flips] += sample.Flips;
    }

    /// <summary>Adds the sums of other images, and clears them there.</summary>
    public void Take(StepTotals others)
    {
        for (var i = 0; i < _values.Length; i++) _values[i] += others._values[i];
        Array.Clear(others._values);
    }

    private int At(int label, int point) => (label * Axis.Points + point) * (int)StepQuantity.Count;
}
