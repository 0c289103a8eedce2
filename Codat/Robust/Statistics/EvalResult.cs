namespace Codat.Native.Robust;

/// <summary>What <c>codat eval</c> reports.</summary>
public sealed record EvalResult
{
    /// <summary>The weight file.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The data set's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>test, val or train.</summary>
    public required string Split { get; init; }

    /// <summary>Number of images evaluated.</summary>
    public required long N { get; init; }

    /// <summary>Hash of the images as they were evaluated: ids, labels and pixels in order; null where
    /// unknown.</summary>
    public string? ImagesHash { get; init; }

    /// <summary>The evidence file that was written with it, or null.</summary>
    public string? Evidence { get; init; }

    /// <summary>The weight file that images of <c>transfer</c> were made on, or null.</summary>
    public string? Surrogate { get; init; }

    /// <summary>linf or l2.</summary>
    public required string Norm { get; init; }

    /// <summary>Radius of the threat model, in units of pixels in [0, 1].</summary>
    public required double Eps { get; init; }

    /// <summary>The radius as it was given, as in 8/255.</summary>
    public required string EpsText { get; init; }

    /// <summary>The seed of the attacks.</summary>
    public required long Seed { get; init; }

    /// <summary>The attacks in the order given.</summary>
    public required IReadOnlyList<AttackResult> Attacks { get; init; }

    /// <summary>Time the evaluation took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Checks of whether the attacks can be believed; empty where none were made.</summary>
    public IReadOnlyList<CheckResult> Checks { get; init; } = [];

    /// <summary>What was decided before all attacks had ended; null where nothing was to be decided.</summary>
    public Decision? Decision { get; init; }
}
