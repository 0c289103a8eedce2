using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Checks of a threat model that is only partly typed.</summary>
internal static class ThreatSymbols
{
    /// <summary>Refuses a bare 8: unless l2 is typed, a magnitude of 1 or more is a number of pixel levels.</summary>
    internal static void Check(Norm? norm, Magnitude? eps, Magnitude? step)
    {
        // Without --norm the checkpoint decides, and the engine checks again with what it says.
        if (norm != Norm.Linf) return;
        eps?.Check("--eps", Norm.Linf);
        step?.Check("--step", Norm.Linf);
    }
}
