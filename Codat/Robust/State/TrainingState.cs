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

    public const int CurrentFormat = 1;

    public static TrainingState Read(string path)
    {
        try
        {
            var state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(path), Options)
                ?? throw new JsonException("nothing");
            if (state.Format != CurrentFormat)
                throw new CodatException("the saved state has another format", path, $"{CurrentFormat}",
                    $"{state.Format}", "resume with the version that wrote it");
            if (state.Epoch < 0 || state.Batch < 0 || state.Step < 0 || state.MetricLines < 0)
                throw new JsonException("a negative position");
            return state;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the saved state cannot be read", path, "the position of a run as JSON", e.Message,
                "start the run anew", inner: e);
        }
    }

    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Options) + "\n");

    private static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
