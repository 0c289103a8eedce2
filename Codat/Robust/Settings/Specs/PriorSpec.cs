namespace Codat.Native.Robust;

/// <summary>The prior over classes: <c>uniform</c>, <c>frequency</c>, or a file of K numbers.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Path">The file, or null.</param>
public sealed record PriorSpec(PriorKind Kind, string? Path = null)
{
    private const double SumTolerance = 1e-6;

    /// <summary>Every class weighs the same.</summary>
    public static PriorSpec Uniform { get; } = new(PriorKind.Uniform);

    /// <summary>The share of each class among the training images.</summary>
    public static PriorSpec Frequency { get; } = new(PriorKind.Frequency);

    /// <summary>Reads a prior; anything but the two words is the name of a file.</summary>
    /// <exception cref="Interop.CodatException">The text is empty.</exception>
    public static PriorSpec Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "uniform" => Uniform,
            "frequency" => Frequency,
            "" => throw SettingText.Bad(text, where, "uniform, frequency or the name of a file"),
            _ => new PriorSpec(PriorKind.File, text),
        };
    }

    /// <summary>The prior over K classes; <paramref name="counts"/> are the training images of each class.</summary>
    /// <exception cref="Interop.CodatException">The file does not hold K positive numbers that sum to 1.</exception>
    public double[] Resolve(ReadOnlySpan<int> counts)
    {
        var prior = new double[counts.Length];
        switch (Kind)
        {
            case PriorKind.Uniform:
                Array.Fill(prior, 1.0 / counts.Length);
                return prior;
            case PriorKind.Frequency:
                long total = 0;
                foreach (int count in counts) total += count;
                for (int k = 0; k < prior.Length; k++) prior[k] = (double)counts[k] / total;
                return prior;
            default:
                // The constructor is public: a file prior without a path is a programming error, not bad input.
                double[] read = VectorText.ReadFile(Path ?? throw new InvalidOperationException("no prior file"));
                Check(read, counts.Length, Path);
                return read;
        }
    }

    /// <summary>Refuses a prior that is not K positive numbers with sum 1 within 1e-6.</summary>
    /// <exception cref="Interop.CodatException">The numbers are no prior over K classes.</exception>
    public static void Check(ReadOnlySpan<double> prior, int classes, string where)
    {
        if (prior.Length != classes)
        {
            throw SettingText.Bad(SettingText.Print(prior.Length), where,
                $"one number for each of {SettingText.Print(classes)} classes");
        }
        double sum = 0;
        foreach (double p in prior)
        {
            if (!(p > 0) || !double.IsFinite(p)) throw SettingText.Bad(SettingText.Print(p), where, "numbers above 0");
            sum += p;
        }
        if (Math.Abs(sum - 1) > SumTolerance)
            throw SettingText.Bad(SettingText.Print(sum), where, "a sum of 1 within 1e-6");
    }

    /// <summary>The text that reads back as this prior.</summary>
    public override string ToString() => Kind switch
    {
        PriorKind.Uniform => "uniform",
        PriorKind.Frequency => "frequency",
        _ => Path ?? "",
    };
}
