using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// An average of the weights at the ends of epochs. SWA (Izmailov et al., UAI 2018, arXiv 1803.05407), <c>--swa</c>:
/// the plain mean over the epochs after a share of the run. Fairness-gated averaging (FAWA of CFA: Wei et al., CVPR
/// 2023, arXiv 2303.14460), <c>--average-gate</c>: only epochs whose worst validation class under attack reaches a
/// threshold enter, as avg = d avg + (1 - d) w, or in SWA's mean where both are asked for.
/// </summary>
/// <remarks>
/// d is 0.88 (authors' code of CFA), or what <c>--ema</c> says, which then decays per epoch. Until an epoch has entered
/// the trained weights stand for the average, so that it begins with weights that passed. Running statistics of batch
/// norm are averaged alike, and with <c>--swa</c> then measured anew (<see cref="StatisticsPass"/>). Lives on the host,
/// in single precision; state of an exact resume.
/// </remarks>
internal sealed class EpochAverage
{
    private const double PublishedDecay = 0.88;
    private const int Entered = 0, LookedAt = 1;

    private readonly double? _decay;
    private readonly double _after;
    private readonly int _weights;

    public EpochAverage(Network network, TrainOptions options)
    {
        _decay = options.Swa is null ? options.Ema ?? PublishedDecay : null;
        _after = (options.Swa ?? 0) / 100 * options.Epochs;
        _weights = (int)network.Weights.Shape.Count;
        Values = new float[_weights + (network.RunningStatistics?.Shape.Count ?? 0)];
    }

    /// <summary>Whether a run keeps one.</summary>
    public static bool IsWanted(TrainOptions options) => options.Swa is not null || options.AverageGate is not null;

    /// <summary>Weights, then running statistics.</summary>
    public float[] Values { get; }

    /// <summary>How many epochs have entered, and the last that was looked at.</summary>
    public double[] Epochs { get; } = new double[2];

    /// <summary>Whether these can be a run's that has evaluated so many epochs.</summary>
    public bool IsPossible(int evaluated) => Epochs[LookedAt] >= 0 && Epochs[LookedAt] <= evaluated + 1
        && Epochs[Entered] >= 0 && Epochs[Entered] <= Epochs[LookedAt] && Epochs.All(double.IsInteger);

    /// <summary>Epochs in the average.</summary>
    public int Count => (int)Epochs[Entered];

    /// <summary>
    /// Whether an epoch may still enter: a run stopped after that and before its state was complete comes by again.
    /// </summary>
    public bool IsDue(int epoch) => epoch > Epochs[LookedAt] && epoch > _after;

    /// <summary>Looks at the weights of an epoch's end.</summary>
    /// <param name="epoch">Its number, from 1.</param>
    /// <param name="network">The trained network.</param>
    /// <param name="enters">Whether it has passed the gate.</param>
    public void Take(int epoch, Network network, bool enters)
    {
        Epochs[LookedAt] = epoch;
        if (!enters) return;
        Epochs[Entered]++;
        var share = Count == 1 ? 1 : 1 - _decay ?? 1.0 / Count;
        Mix(Values.AsSpan(0, _weights), network.Weights, share);
        if (network.RunningStatistics is { } running) Mix(Values.AsSpan(_weights), running, share);
    }

    /// <summary>Puts the average into a network of the same structure; one no epoch has entered has nothing to
    /// put.</summary>
    public void CopyTo(Network target)
    {
        target.Weights.CopyFrom<float>(Values.AsSpan(0, _weights));
        target.RunningStatistics?.CopyFrom<float>(Values.AsSpan(_weights));
    }

    /// <summary>Whether statistics are to be those of the averaged weights, not averages themselves.</summary>
    public bool MeasuresStatistics => _decay is null;

    /// <summary>Takes over the statistics of a network that has been given the average.</summary>
    public void TakeStatistics(Network averaged) =>
        averaged.RunningStatistics?.ToArray<float>().CopyTo(Values.AsSpan(_weights));

    /// <summary>A sentence on what it came to.</summary>
    public string Describe() => Count > 0
        ? string.Create(CultureInfo.InvariantCulture, $"the weight average is over {Count} ends of epochs.")
        : "no epoch entered the weight average: the weights are those trained.";

    private static void Mix(Span<float> average, Tensor tensor, double share)
    {
        var values = tensor.ToArray<float>();
        for (var i = 0; i < values.Length; i++)
            average[i] = (float)(average[i] + share * ((double)values[i] - average[i]));
    }
}
