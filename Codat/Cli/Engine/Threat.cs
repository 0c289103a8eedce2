using Codat.Native.Data;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>
/// The threat model of an evaluation: what was typed, else the checkpoint's, else the preset of the images' shape.
/// </summary>
internal static class Threat
{
    public static ThreatModel Of(Checkpoint checkpoint, Norm? norm, Magnitude? eps, Magnitude? step, int? steps = null)
    {
        var spec = checkpoint.Network.Spec;
        var preset = ThreatModel.Preset(
            norm ?? checkpoint.Options?.Norm ?? Norm.Linf, new ImageShape(spec.Height, spec.Width, spec.Channels));
        // Another norm than the checkpoint's makes its radius meaningless.
        var own = checkpoint.Options is { } o && (norm is null || norm == o.Norm) ? o.Threat : preset;
        var threat = new ThreatModel(norm ?? own.Norm, eps ?? own.Eps, step ?? own.Step, steps ?? own.Steps, own.Start);
        threat.Eps.Check("--eps", threat.Norm);
        threat.Step.Check("--step", threat.Norm);
        return threat;
    }
}
