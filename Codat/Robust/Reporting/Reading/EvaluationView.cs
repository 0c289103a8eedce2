namespace Codat.Native.Robust;

/// <summary>A robust evaluation of one split: one entry for each attack.</summary>
internal sealed record EvaluationView
{
    public required string Split { get; init; }
    public string? Dataset { get; init; }
    public string? Norm { get; init; }
    public double Eps { get; init; } = double.NaN;
    public string? EpsText { get; init; }

    /// <summary>Hash of ids, labels and pixels, or null where the file is older than that.</summary>
    public string? ImagesHash { get; init; }

    /// <summary>The evidence file as the evaluation named it, or null.</summary>
    public string? Evidence { get; init; }

    public double N { get; init; } = double.NaN;
    public double Seconds { get; init; } = double.NaN;
    public required IReadOnlyList<AttackView> Attacks { get; init; }
    public required IReadOnlyList<CheckView> Checks { get; init; }

    /// <summary>The clean row, or null.</summary>
    public AttackView? Clean
    {
        get
        {
            foreach (var attack in Attacks)
                if (attack.IsClean)
                    return attack;
            return null;
        }
    }

    /// <summary>The attack that leaves the lowest average accuracy, or null where nothing was attacked.</summary>
    public AttackView? Strongest
    {
        get
        {
            AttackView? strongest = null;
            foreach (var attack in Attacks)
            {
                if (attack.IsClean || double.IsNaN(attack.Average)) continue;
                if (strongest is null || attack.Average < strongest.Average) strongest = attack;
            }
            return strongest;
        }
    }

    /// <summary>The strongest attack that recorded where the images went, or null.</summary>
    public AttackView? StrongestWithFlow
    {
        get
        {
            AttackView? strongest = null;
            foreach (var attack in Attacks)
            {
                if (attack.IsClean || attack.Flow is null) continue;
                if (strongest is null || attack.Average < strongest.Average) strongest = attack;
            }
            return strongest;
        }
    }
}

/// <summary>The result of one attack; accuracies are fractions from 0 to 1.</summary>
internal sealed record AttackView
{
    /// <summary>The further evaluation of a comparison's plan it is a row of; null otherwise.</summary>
    public string? Evaluation { get; init; }

    public required string Name { get; init; }
    public double Step { get; init; } = double.NaN;
    public double Restarts { get; init; } = double.NaN;
    public double Average { get; init; } = double.NaN;
    public double Macro { get; init; } = double.NaN;
    public double Worst { get; init; } = double.NaN;
    public double Deviation { get; init; } = double.NaN;
    public double Spread { get; init; } = double.NaN;
    public double WorstLow { get; init; } = double.NaN;
    public double WorstHigh { get; init; } = double.NaN;
    public required IReadOnlyList<ClassResultView> PerClass { get; init; }

    /// <summary>Counts by true class and class predicted under attack, or null.</summary>
    public long[][]? Flow { get; init; }

    /// <summary>What each part of the attack saw on its way; none where that was not noted.</summary>
    public IReadOnlyList<TelemetryView> Telemetry { get; init; } = [];

    /// <summary>How far the images it ended with are from the clean ones, or null.</summary>
    public ChangeView? Change { get; init; }

    /// <summary>True for the row measured without an attack.</summary>
    public bool IsClean => string.Equals(Name, "clean", StringComparison.OrdinalIgnoreCase);

    /// <summary>The class with the lowest accuracy, ties to the lowest index, or null.</summary>
    public ClassResultView? WorstClass
    {
        get
        {
            ClassResultView? worst = null;
            foreach (var result in PerClass)
            {
                if (double.IsNaN(result.Accuracy)) continue;
                if (worst is null || result.Accuracy < worst.Accuracy) worst = result;
            }
            return worst;
        }
    }

    /// <summary>The result of this class, or null.</summary>
    public ClassResultView? Find(int classIndex)
    {
        foreach (var result in PerClass)
            if (result.Class == classIndex)
                return result;
        return null;
    }
}

/// <summary>One class under one attack, with its 95 % interval; fractions from 0 to 1.</summary>
internal sealed record ClassResultView(int Class, string Name, double N, double Correct, double Accuracy,
    double Low, double High, double Risk);

/// <summary>A check of the evaluation: pass, warn or fail, with a sentence.</summary>
internal sealed record CheckView(string Name, string Verdict, string Detail);
