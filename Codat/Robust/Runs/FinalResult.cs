using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary><c>final.json</c>: how a run ended, and its final evaluation.</summary>
public sealed record FinalResult
{
    /// <summary>Epochs completed.</summary>
    public required int Epochs { get; init; }

    /// <summary>The method.</summary>
    public required string Objective { get; init; }

    /// <summary>Why the run ended: <c>done</c>, <c>early</c>, <c>cancelled</c> or <c>nan</c>.</summary>
    public required string Stopped { get; init; }

    /// <summary>The selected epoch.</summary>
    public required BestEpoch Best { get; init; }

    /// <summary>The evaluation of <c>best</c> on the validation split, in the shape of <c>eval</c>, or null.</summary>
    public required JsonNode? Validation { get; init; }

    /// <summary>The evaluation of <c>best</c> on the test split, in the shape of <c>eval</c>, or null.</summary>
    public required JsonNode? Test { get; init; }

    /// <summary>The worst class weights on the validation split, or null without one.</summary>
    public required OptimalWeights? OptimalWeights { get; init; }

    /// <summary>Training images per second over the run, without evaluation.</summary>
    public double ImagesPerSecond { get; init; } = double.NaN;

    /// <summary>The largest memory in use, in bytes.</summary>
    public long PeakBytes { get; init; }
}
