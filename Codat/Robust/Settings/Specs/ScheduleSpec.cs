namespace Codat.Native.Robust;

/// <summary>A learning-rate schedule: <c>constant</c>, <c>piecewise:75%,90%</c>, <c>cosine</c>, <c>onecycle</c> or
/// <c>cyclic</c>.</summary>
public sealed class ScheduleSpec : IEquatable<ScheduleSpec>
{
    private const string PiecewisePrefix = "piecewise:";
    private const double OneCycleWarmUp = 0.3;
    private const double OneCycleStartDivisor = 25;
    private const double OneCycleEndDivisor = 250_000;

    private readonly Milestone[] _drops;

    private ScheduleSpec(ScheduleKind kind, params Milestone[] drops)
    {
        Kind = kind;
        _drops = drops;
    }

    /// <summary>The same rate throughout.</summary>
    public static ScheduleSpec Constant { get; } = new(ScheduleKind.Constant);

    /// <summary>Half a cosine from the full rate towards zero.</summary>
    public static ScheduleSpec Cosine { get; } = new(ScheduleKind.Cosine);

    /// <summary>Cosine from lr/25 to lr over the first 30 % of the steps, then cosine to lr/250,000.</summary>
    public static ScheduleSpec OneCycle { get; } = new(ScheduleKind.OneCycle);

    /// <summary>Linear from 0 to lr at half the run, and back.</summary>
    public static ScheduleSpec Cyclic { get; } = new(ScheduleKind.Cyclic);

    /// <summary>The shape.</summary>
    public ScheduleKind Kind { get; }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="Interop.CodatException">The text is no schedule, or its drops do not increase.</exception>
    public static ScheduleSpec Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "constant" => Constant,
            "cosine" => Cosine,
            "onecycle" => OneCycle,
            "cyclic" => Cyclic,
            _ when text.StartsWith(PiecewisePrefix, StringComparison.Ordinal) => ParsePiecewise(text, where),
            _ => throw SettingText.Bad(text, where, "piecewise:75%,90%, cosine, onecycle, cyclic or constant"),
        };
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="totalSteps">The steps of the whole run; a run that is cut short keeps its schedule.</param>
    /// <param name="stepsPerEpoch">The steps of one epoch, for drops given as epochs.</param>
    /// <param name="lr">The full rate.</param>
    public double LearningRate(long step, long totalSteps, int stepsPerEpoch, double lr)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalSteps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepsPerEpoch);
        step = Math.Min(step, totalSteps - 1);
        return Kind switch
        {
            ScheduleKind.Piecewise => Piecewise(step, totalSteps, stepsPerEpoch, lr),
            ScheduleKind.Cosine => lr * 0.5 * (1 + Math.Cos(Math.PI * step / totalSteps)),
            ScheduleKind.OneCycle => OneCycleRate(step, totalSteps, lr),
            ScheduleKind.Cyclic => lr * (1 - Math.Abs((2.0 * step / totalSteps) - 1)),
            _ => lr,
        };
    }

    /// <inheritdoc/>
    public bool Equals(ScheduleSpec? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ScheduleSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The text that reads back as this schedule.</summary>
    public override string ToString() => Kind switch
    {
        ScheduleKind.Constant => "constant",
        ScheduleKind.Cosine => "cosine",
        ScheduleKind.OneCycle => "onecycle",
        ScheduleKind.Cyclic => "cyclic",
        _ => PiecewisePrefix + string.Join(',', _drops),
    };

    private static ScheduleSpec ParsePiecewise(string text, string where)
    {
        const string Expected = "increasing epochs or shares of the run, such as piecewise:60,80 or piecewise:75%,90%";
        string[] parts = text[PiecewisePrefix.Length..].Split(',', StringSplitOptions.TrimEntries);
        var drops = new Milestone[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            bool percent = parts[i].EndsWith('%');
            double value;
            if (percent)
            {
                if (!SettingText.TryReal(parts[i].AsSpan()[..^1], out value) || value is <= 0 or >= 100)
                    throw SettingText.Bad(parts[i], where, Expected);
            }
            else
            {
                if (!SettingText.TryInteger(parts[i], out int epoch) || epoch < 1)
                    throw SettingText.Bad(parts[i], where, Expected);
                value = epoch;
            }
            drops[i] = new Milestone(value, percent);
            // Shares and epochs can be mixed; which comes first is then known only with the run's length.
            if (i > 0 && drops[i - 1].IsPercent == percent && drops[i - 1].Value >= value)
                throw SettingText.Bad(text, where, Expected);
        }
        return new ScheduleSpec(ScheduleKind.Piecewise, drops);
    }

    private double Piecewise(long step, long totalSteps, int stepsPerEpoch, double lr)
    {
        double divisor = 1;
        foreach (Milestone drop in _drops)
        {
            bool passed = drop.IsPercent
                ? step * 100.0 >= drop.Value * totalSteps
                : step >= (long)drop.Value * stepsPerEpoch;
            // Dividing by an exact power of ten rounds once: 0.1 drops to 0.01, not to 0.010000000000000002.
            if (passed) divisor *= 10;
        }
        return lr / divisor;
    }

    // The first step has the low rate, the last one the lowest, and the peak falls on a point between, as is usual.
    private static double OneCycleRate(long step, long totalSteps, double lr)
    {
        double peak = Math.Max(0, (OneCycleWarmUp * totalSteps) - 1);
        if (step < peak) return Anneal(lr / OneCycleStartDivisor, lr, step / peak);
        double rest = totalSteps - 1 - peak;
        return rest > 0 ? Anneal(lr, lr / OneCycleEndDivisor, (step - peak) / rest) : lr;
    }

    private static double Anneal(double from, double to, double share)
        => to + ((from - to) * 0.5 * (1 + Math.Cos(Math.PI * share)));

    private readonly record struct Milestone(double Value, bool IsPercent)
    {
        public override string ToString() => SettingText.Print(Value) + (IsPercent ? "%" : "");
    }
}
