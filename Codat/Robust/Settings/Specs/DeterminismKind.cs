namespace Codat.Native.Robust;

/// <summary>How far results repeat.</summary>
public enum DeterminismKind
{
    /// <summary>Nothing is promised.</summary>
    Fast,

    /// <summary>Same seed, machine and versions: same bits.</summary>
    Reproducible,

    /// <summary>As reproducible; anything that cannot promise it is refused.</summary>
    Strict,
}
