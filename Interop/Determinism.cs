namespace Codat.Native.Interop;

/// <summary>What is promised about repeating a run with the same inputs, machine and versions.</summary>
public enum Determinism
{
    /// <summary>Nothing: whatever is fastest.</summary>
    Fast,

    /// <summary>The same bits, as long as the chosen plans are kept.</summary>
    Reproducible,

    /// <summary>
    /// The same bits, and no arithmetic below the stated precision; what cannot promise it is refused.
    /// </summary>
    Strict,
}
