namespace Codat.Native.Robust;

/// <summary>All a report shows of one run, as found in its folder; what is missing there is null or empty.</summary>
internal sealed record RunView
{
    /// <summary>Name of the folder, without its parents.</summary>
    public required string Name { get; init; }

    /// <summary>The folder or file as it was given.</summary>
    public required string Source { get; init; }

    /// <summary>Settings in file order, nested ones with dotted names.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }

    /// <summary>Manifest entries in file order, nested ones with dotted names.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Manifest { get; init; }

    /// <summary>One entry for each finished epoch, in file order.</summary>
    public required IReadOnlyList<EpochView> Epochs { get; init; }

    /// <summary>Rows of the class table, in file order.</summary>
    public required IReadOnlyList<ClassEpochView> ClassRows { get; init; }

    /// <summary>The evaluation on the test split.</summary>
    public EvaluationView? Test { get; init; }

    /// <summary>The evaluation on the validation split.</summary>
    public EvaluationView? Validation { get; init; }

    /// <summary>The evidence file of <see cref="Final"/> that was found, or null.</summary>
    public string? EvidencePath { get; init; }

    /// <summary>Weights computed from the class risks of the whole validation split.</summary>
    public OptimalWeightsView? Optimal { get; init; }

    /// <summary>Attacked images kept by the run.</summary>
    public ExampleSet? Examples { get; init; }

    /// <summary>The epoch whose weights were kept as best.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>How the run ended, in the word of the file.</summary>
    public string? Stopped { get; init; }

    /// <summary>The setting of this name, or null.</summary>
    public string? Setting(string name)
    {
        foreach (var (key, value) in Settings)
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return value.Length == 0 ? null : value;
        return null;
    }

    /// <summary>The evaluation that counts: test, else validation.</summary>
    public EvaluationView? Final => Test ?? Validation;

    /// <summary>True for an evaluation without the run that made its weights.</summary>
    public bool IsEvaluation { get; init; }

    /// <summary>The epoch whose weights were evaluated: the best one where it is known, else the last.</summary>
    public EpochView? ShownEpoch
    {
        get
        {
            foreach (var epoch in Epochs)
                if (epoch.Epoch == BestEpoch)
                    return epoch;
            return Epochs.Count > 0 ? Epochs[^1] : null;
        }
    }
}

/// <summary>One row of the class table of an epoch; fractions from 0 to 1, not-a-number where empty.</summary>
internal sealed record ClassEpochView(int Epoch, int Class, string Name, double N, double Clean, double Robust,
    double Low, double High, double Risk, double Weight);

/// <summary>Optimal class weights and the risks they follow from; risks may be empty.</summary>
internal sealed record OptimalWeightsView(double[] Weights, double[] Risks);
