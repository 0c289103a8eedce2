using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Options of <c>codat eval</c>; null means: as the weight file says, else the preset.</summary>
public sealed record EvalOptions : CheckpointOptions
{
    /// <summary>The data set.</summary>
    public string? Dataset { get; init; }

    /// <summary>The folder that holds it, or null for the default places.</summary>
    public string? Data { get; init; }

    /// <summary>The split.</summary>
    public SplitKind Split { get; init; }

    /// <summary>Images used, the first ones, or null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>The attacks, each on its own.</summary>
    public AttackList Attack { get; init; } = AttackList.Parse("clean,pgd-20", "attack");

    /// <summary>Restarts of attacks without a suffix.</summary>
    public int Restarts { get; init; } = 1;

    /// <summary>The norm.</summary>
    public Norm? Norm { get; init; }

    /// <summary>The radius.</summary>
    public Magnitude? Eps { get; init; }

    /// <summary>The step of attacks without a suffix.</summary>
    public Magnitude? Step { get; init; }

    /// <summary>A file that maps source classes to target ones, for transfer to another data set, or null.</summary>
    public string? ClassMap { get; init; }

    /// <summary>The side images are resized to, or null.</summary>
    public int? Resize { get; init; }

    /// <summary>Where a line per image goes, or null; progress is kept beside it until it is written.</summary>
    public string? Evidence { get; init; }

    /// <summary>The statement that ends the evaluation as soon as it is decided, or null.</summary>
    public AccuracyClaim? UntilDecided { get; init; }

    /// <summary>A <c>final.json</c> or the output of <c>eval --json</c> to measure against, or null.</summary>
    public string? Baseline { get; init; }

    /// <summary>
    /// A second weight file: images made on its network are shown to this one, as the attack <c>transfer</c>; or null.
    /// </summary>
    public string? Surrogate { get; init; }

    /// <summary>Whether it is noted what attacks see step by step; changes no outcome.</summary>
    public bool Telemetry { get; init; } = true;

    /// <summary>Whether it is checked that the attacks can be believed: a few more looks at a few images.</summary>
    public bool Checks { get; init; } = true;

    /// <summary>How the images are corrupted before anything else, or null.</summary>
    public Corruption? Corrupt { get; init; }
}
