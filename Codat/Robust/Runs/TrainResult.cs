using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Codat.Native.Robust;

/// <summary>What <c>codat train --json</c> prints.</summary>
public sealed record TrainResult
{
    /// <summary>The run folder.</summary>
    public required string Run { get; init; }

    /// <summary>Epochs completed.</summary>
    public required int Epochs { get; init; }

    /// <summary>The method.</summary>
    public required string Objective { get; init; }

    /// <summary>Why the run ended: <c>done</c>, <c>early</c>, <c>cancelled</c> or <c>nan</c>.</summary>
    public required string Stopped { get; init; }

    /// <summary>What was not finite, and where, in a run that stopped with <c>nan</c>; not part of the JSON.</summary>
    [JsonIgnore]
    public TrainingFailedException? Failure { get; init; }

    /// <summary>True when the run had finished before and was not continued; not part of the JSON.</summary>
    [JsonIgnore]
    public bool WasFinished { get; init; }

    /// <summary>The selected epoch.</summary>
    public required BestEpoch Best { get; init; }

    /// <summary>The evaluation on the validation split, in the shape of <c>eval</c>, or null.</summary>
    public required JsonNode? Validation { get; init; }

    /// <summary>The evaluation on the test split, in the shape of <c>eval</c>, or null.</summary>
    public required JsonNode? Test { get; init; }

    /// <summary>Training images per second over the run, without evaluation.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>The largest memory in use, in bytes.</summary>
    public required long PeakBytes { get; init; }
}
