using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Everything that fixes the computation of one training step; what varies from step to step lives in memory.
/// </summary>
public sealed record StepSpec
{
    /// <summary>Images in a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Adversarial cross-entropy, TRADES, or clean training.</summary>
    public required LossKind Loss { get; init; }

    /// <summary>Weight of the KL term of TRADES.</summary>
    public double Beta { get; init; } = 6;

    /// <summary>How class risks become the loss.</summary>
    public required ClassWeightSpec ClassWeights { get; init; }

    /// <summary>Norm of the attack.</summary>
    public required Norm Norm { get; init; }

    /// <summary>Radius of the attack, in pixels in [0,1].</summary>
    public required double Epsilon { get; init; }

    /// <summary>Step of the attack, in pixels in [0,1].</summary>
    public required double StepSize { get; init; }

    /// <summary>Steps of the attack.</summary>
    public required int AttackSteps { get; init; }

    /// <summary>Where the attack starts.</summary>
    public required AttackStart Start { get; init; }

    /// <summary>Batch norm during the attack.</summary>
    public AttackBatchNorm AttackBatchNorm { get; init; }

    /// <summary>Share of the label spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Momentum of SGD.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>AWP's share of each layer's norm that weights are moved by against the step, or null.</summary>
    public double? Awp { get; init; }

    /// <summary>Decay per step of the weight average, or null for none.</summary>
    public double? AverageDecay { get; init; }

    /// <summary>Seed of the attack starts.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// The arithmetic of the network, in the attack and in the update; weights are in single precision.
    /// </summary>
    public PrecisionKind Precision { get; init; }

    internal PlanPrecision PlanPrecision => Precision switch
    {
        PrecisionKind.Tf32 => PlanPrecision.TensorFloat32,
        PrecisionKind.Bf16 => PlanPrecision.BFloat16,
        _ => PlanPrecision.Float32,
    };

    /// <summary>Whether the step reads float images in [0,1] and not stored bytes.</summary>
    internal bool TakesFloats { get; init; }

    internal ForwardMode AttackMode => AttackBatchNorm switch
    {
        AttackBatchNorm.Eval => ForwardMode.Eval,
        AttackBatchNorm.Batch => ForwardMode.BatchStats,
        _ => ForwardMode.Train,
    };
}
