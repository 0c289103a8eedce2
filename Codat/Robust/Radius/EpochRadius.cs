using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>The radius of the epoch under way in a step's memory: what the settings say, or what their rule makes of
/// the epochs before.</summary>
/// <remarks>The radius lies in device memory, where a captured step reads it: nothing is captured anew. Does not own
/// the tensor.</remarks>
internal sealed class EpochRadius
{
    private const string SavedAs = "radius";

    private readonly RadiusRule? _rule;
    private readonly Tensor _tensor;

    /// <summary>Sets the radius of the first epoch.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="tensor">Where steps read it (1), double.</param>
    public EpochRadius(TrainOptions options, Tensor tensor)
    {
        (_rule, _tensor) = (RuleOf(options), tensor);
        Set(_rule?.Begin ?? options.Eta);
    }

    /// <summary>The radius now.</summary>
    public double Value { get; private set; }

    /// <summary>The radius now where a rule has chosen it, else null.</summary>
    public double? Chosen => _rule is null ? null : Value;

    /// <summary>What a resume needs: the radius, then what the rule remembers; null without a rule.</summary>
    public (string Name, double[]? Doubles, float[]? Floats)? State =>
        _rule is null ? null : (SavedAs, [Value, .. _rule.State], null);

    /// <summary>Takes in the numbers of a step.</summary>
    public void Observe(ReadOnlySpan<double> numbers) => _rule?.Observe(numbers);

    /// <summary>Goes over to the radius of the next epoch.</summary>
    /// <param name="robust">Validation under attack, or null without.</param>
    public void EndEpoch(AttackResult? robust)
    {
        if (_rule is not null) Set(_rule.Next(Value, robust?.Accuracy));
    }

    /// <summary>Puts a saved state back.</summary>
    /// <exception cref="Interop.CodatException">It cannot be this rule's.</exception>
    public void Restore(SafeTensorsFile tensors)
    {
        if (_rule is null) return;
        var saved = SavedTensors.ReadFinite<double>(tensors, SavedAs, 1 + _rule.State.Length);
        saved.AsSpan(1).CopyTo(_rule.State);
        if (!_rule.IsPossible(saved[0]))
            throw SavedTensors.Unfit(SavedAs, "a radius and a memory of the run's rule", string.Join(", ", saved));
        Set(saved[0]);
    }

    private void Set(double radius) => _tensor.CopyFrom<double>([Value = radius]);

    private static RadiusRule? RuleOf(TrainOptions options)
    {
        var numbers = options.Set.Over(ObjectiveRules.NumbersOf(options.EtaRule));
        return options.EtaRule switch
        {
            EtaRule.Effective => new EffectiveShare(numbers),
            EtaRule.Noise => new SamplingNoise(numbers, options.Risk),
            EtaRule.Validation => new SafeLadder(numbers),
            _ => null,
        };
    }
}
