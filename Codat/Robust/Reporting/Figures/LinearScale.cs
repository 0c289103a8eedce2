namespace Codat.Native.Robust;

/// <summary>Maps values to positions along one axis of a figure, with ticks at round values.</summary>
internal sealed class LinearScale
{
    private LinearScale(double from, double to, double start, double end, double step)
    {
        From = from;
        To = to;
        Start = start;
        End = end;
        Step = step;
    }

    /// <summary>Value at <see cref="Start"/>.</summary>
    public double From { get; }

    /// <summary>Value at <see cref="End"/>.</summary>
    public double To { get; }

    /// <summary>Position of <see cref="From"/>.</summary>
    public double Start { get; }

    /// <summary>Position of <see cref="To"/>.</summary>
    public double End { get; }

    /// <summary>Distance of two ticks, 1, 2 or 5 times a power of ten.</summary>
    public double Step { get; }

    /// <summary>A scale whose ends are the data's, widened to round values.</summary>
    public static LinearScale Nice(double least, double most, double start, double end, int ticks = 5)
    {
        if (!double.IsFinite(least) || !double.IsFinite(most)) (least, most) = (0, 1);
        if (most - least < 1e-12 * Math.Max(1, Math.Abs(most))) (least, most) = Around(least);
        var step = NiceStep((most - least) / ticks);
        var (from, to) = (Math.Floor(least / step + 1e-9) * step, Math.Ceiling(most / step - 1e-9) * step);
        return new LinearScale(from, to, start, end, step);
    }

    /// <summary>A scale with exactly these ends, ticks at round values between.</summary>
    public static LinearScale Exact(double from, double to, double start, double end, int ticks = 5) =>
        new(from, to, start, end, NiceStep(Math.Max(to - from, 1e-12) / ticks));

    /// <summary>Whole numbers with a step of at least one, for counts such as epochs.</summary>
    public static LinearScale Whole(int from, int to, double start, double end, int ticks = 6) =>
        new(from, to, start, end, Math.Max(1, NiceStep(Math.Max(to - from, 1) / (double)ticks)));

    /// <summary>Position of a value; not-a-number stays not-a-number.</summary>
    public double Map(double value) =>
        From == To ? (Start + End) / 2 : Start + (value - From) / (To - From) * (End - Start);

    /// <summary>The values of the ticks, ascending.</summary>
    public IEnumerable<double> Ticks()
    {
        var first = Math.Ceiling(From / Step - 1e-9);
        var last = Math.Floor(To / Step + 1e-9);
        for (var i = first; i <= last; i++) yield return i * Step;
    }

    /// <summary>A tick's value with as many decimals as the step needs.</summary>
    public string Label(double value)
    {
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step) - 1e-9), 0, 15);
        return Math.Abs(To) >= 1e6 || (Step < 1e-4) ? ReportFormat.Short(value) : ReportFormat.Fixed(value, decimals);
    }

    private static double NiceStep(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var lead = rough / power;
        return power * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10);
    }

    private static (double, double) Around(double value) => value switch
    {
        0 => (0, 1),
        > 0 => (0, 2 * value),
        _ => (2 * value, 0),
    };
}
