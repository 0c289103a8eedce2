using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>The methods that weigh classes, by kind.</summary>
internal static class ClassMethods
{
    /// <summary>The method of a step; the caller owns it.</summary>
    public static ClassMethod Create(
        ClassWeightSpec spec, ClassTensors tensors, Device device, LossKind loss, double beta)
    {
        spec = spec with { Numbers = spec.Numbers.Over(ObjectiveRules.NumbersOf(spec.Kind)) };
        // What acts through the attack or the sampling leaves the mean over samples as it is.
        var mean = spec with { Kind = ClassWeightKind.None };
        return spec.Kind switch
        {
            ClassWeightKind.None or ClassWeightKind.Balanced or ClassWeightKind.Codat => new ClassMethod(spec, tensors),
            ClassWeightKind.GroupDro => new GroupDro(spec, tensors, device),
            ClassWeightKind.Wat => new Wat(spec, tensors, device),
            ClassWeightKind.Frl => new Frl(spec, tensors, device),
            ClassWeightKind.Faal => new Faal(spec, tensors),
            ClassWeightKind.Dafa => new Dafa(mean, tensors, device),
            ClassWeightKind.Cfol => new Cfol(spec, tensors, device),
            ClassWeightKind.Cfa => new Cfa(mean, tensors, device, loss, beta),
            _ => new BallMethod(spec, tensors),
        };
    }
}
