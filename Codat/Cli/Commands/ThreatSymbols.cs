using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Checks of a threat model that is only partly typed.</summary>
internal static class ThreatSymbols
{
    /// <summary>Refuses a bare 8 where linf is typed beside it.</summary>
    internal static void Check(Norm? norm, Magnitude? eps, Magnitude? step)
    {
        // Without --norm the checkpoint decides, and the engine checks again with what it says.
        if (norm != Norm.Linf) return;
        eps?.Check("--eps", Norm.Linf);
        step?.Check("--step", Norm.Linf);
    }
}
