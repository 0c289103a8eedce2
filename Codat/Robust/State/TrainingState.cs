using System.Text.Json;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Where a run stands: everything besides tensors that an exact resume needs.</summary>
internal sealed record TrainingState
{
    /// <summary>Format number; another one is refused.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Hash of the settings the state belongs to.</summary>
    public required string ConfigHash { get; init; }

    /// <summary>Hash of the training images the state belongs to.</summary>
    public string? DataHash { get; init; }

    /// <summary>Mean of each channel that the network takes off.</summary>
    public float[]? Mean { get; init; }

    /// <summary>Deviation of each channel that the network divides by.</summary>
    public float[]? Std { get; init; }

    /// <summary>Completed epochs.</summary>
    public int Epoch { get; init; }

    /// <summary>Steps made in the epoch under way.</summary>
    public int Batch { get; init; }

    /// <summary>Steps made in all.</summary>
    public long Step { get; init; }

    /// <summary>Lines in the metrics file; a partial last epoch has one too.</summary>
    public int MetricLines { get; init; }

    /// <summary>The epoch selected so far, 0 for none.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The epoch that last raised the worst class, 0 for none.</summary>
    public int ImprovedEpoch { get; init; }

    /// <summary>The worst class of the selected epoch.</summary>
    public double BestWorst { get; init; } = double.NegativeInfinity;

    /// <summary>Its average.</summary>
    public double BestAverage { get; init; } = double.NegativeInfinity;

    /// <summary>Why training ended, or null while it goes on.</summary>
    public string? Stopped { get; init; }

    /// <summary>True once the final evaluation is written.</summary>
    public bool Finished { get; init; }

    /// <summary>SHA-256 of every other file of the state, by name.</summary>
    public SortedDictionary<string, string> Files { get; init; } = new(StringComparer.Ordinal);

    public const int CurrentFormat = 2;

    public static TrainingState Read(string path)
    {
        try
        {
            var state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(path), Options)
                ?? throw new JsonException("nothing");
            if (state.Format != CurrentFormat)
                throw new CodatException("the saved state has another format", path, $"{CurrentFormat}",
                    $"{state.Format}", "resume with the version that wrote it");
            if (state.Files is null || state.ConfigHash is null) throw new JsonException("a null where none may be");
            return state;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the saved state cannot be read", path, "the position of a run as JSON", e.Message,
                "start the run anew", inner: e);
        }
    }

    /// <summary>Refuses a position that a run of this length cannot be at.</summary>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    /// <param name="totalSteps">Steps of the run.</param>
    /// <exception cref="CodatException">Says which of its numbers is impossible.</exception>
    public void Check(long stepsPerEpoch, long totalSteps)
    {
        var full = Step / stepsPerEpoch;
        Require(Step >= 0 && Step <= totalSteps, $"a step from 0 to {totalSteps}", $"step {Step}");
        Require(Epoch == full && Batch == Step % stepsPerEpoch, $"epoch {full}, batch {Step % stepsPerEpoch}",
            $"epoch {Epoch}, batch {Batch}");
        // A run stopped while an epoch is evaluated has its steps and not yet its line; --max-steps ends a partial one.
        Require(MetricLines >= Math.Max(0, full - 1) && MetricLines <= full + 1, $"about {full} evaluated epochs",
            $"{MetricLines}");
        Require(BestEpoch >= Math.Min(1, MetricLines) && BestEpoch <= MetricLines && ImprovedEpoch >= 0
            && ImprovedEpoch <= MetricLines, $"selected epochs up to {MetricLines}",
            $"{BestEpoch} and {ImprovedEpoch}");
        Require(IsScore(BestWorst) && IsScore(BestAverage), "accuracies from 0 to 1", $"{BestWorst} and {BestAverage}");
        Require(Stopped switch { null => !Finished, "done" => Step == totalSteps, "early" => true, _ => false },
            "'done' after the last step, 'early', or nothing", $"'{Stopped}' after step {Step}");
    }

    // Minus infinity before there is one, not-a-number without a validation split.
    private static bool IsScore(double value) => value is >= 0 and <= 1 or double.NegativeInfinity or double.NaN;

    private static void Require(bool holds, string expected, string found)
    {
        if (!holds)
            throw new CodatException("the saved state is not one of this run", "position.json", expected, found,
                "put the run folder back from a copy, or start the run anew; nothing was changed", isUsage: false);
    }

    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Options) + "\n");

    private static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
