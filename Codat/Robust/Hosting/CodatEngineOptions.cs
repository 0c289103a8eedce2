using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>What an engine trains, where, and in what memory.</summary>
/// <remarks>Context, stream, memory and network stay the caller's and outlive the engine.</remarks>
public sealed record CodatEngineOptions
{
    /// <summary>The context to work in; null means the host processor.</summary>
    public CudaContext? Context { get; init; }

    /// <summary>
    /// The stream whose order batches are in: needed to adopt it, and to fork from unless all batches carry an event or
    /// lie in host memory.
    /// </summary>
    public CudaStream? HostStream { get; init; }

    /// <summary>On a stream of the engine's own, or directly on the host's.</summary>
    public HostMode Mode { get; init; }

    /// <summary>Where device memory comes from; null means a pool of the engine's own over the driver.</summary>
    public IDeviceMemoryResource? Memory { get; init; }

    /// <summary>The most bytes the engine may take from there at one time; null means all there is.</summary>
    /// <remarks>Memory of NVIDIA's libraries and of the kernels themselves is not counted.</remarks>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>The folder of compiled kernels; null means the user's own.</summary>
    public string? KernelCacheFolder { get; init; }

    /// <summary>Threads on the processor; 0 means every one.</summary>
    public int Threads { get; init; }

    /// <summary>The structure of a new network, or of a weight file that states none.</summary>
    public NetworkSpec? Spec { get; init; }

    /// <summary>A weight file to start from; null means weights drawn by seed.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// A network that exists already. The engine works on its device and session, and leaves both when disposed.
    /// </summary>
    public Network? Network { get; init; }

    /// <summary>Images in a step, and the most in one call of an evaluation.</summary>
    public required int Batch { get; init; }

    /// <summary>The loss of a step.</summary>
    public LossKind Loss { get; init; }

    /// <summary>The weight of the KL term of TRADES.</summary>
    public double Beta { get; init; } = 6;

    /// <summary>How class risks become one loss.</summary>
    public ClassWeightSpec ClassWeights { get; init; } = new() { Kind = ClassWeightKind.Codat };

    /// <summary>The radius of the chi-square ball, sum (p-p0)^2/p0, at first.</summary>
    public double Eta { get; init; } = 0.3;

    /// <summary>The prior over classes; null means equal shares.</summary>
    public IReadOnlyList<double>? Prior { get; init; }

    /// <summary>The training attack; null means the usual linf one for images of this shape.</summary>
    public ThreatModel? Threat { get; init; }

    /// <summary>Batch norm during the attack.</summary>
    public AttackBatchNorm AttackBatchNorm { get; init; }

    /// <summary>The learning rate of SGD, at first.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Momentum of SGD, in [0,1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Share of the label spread over all classes, in [0,1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The arithmetic of the network in steps; predictions and evaluations are single precision.</summary>
    public PrecisionKind Precision { get; init; }

    /// <summary>How far results repeat.</summary>
    public DeterminismKind Determinism { get; init; } = DeterminismKind.Reproducible;

    /// <summary>Seed of weights and attack starts.</summary>
    public ulong Seed { get; init; }
}
