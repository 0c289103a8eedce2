namespace Codat.Native.Robust;

/// <summary>An attack an evaluation can run.</summary>
public enum AttackKind
{
    /// <summary>No attack.</summary>
    Clean,

    /// <summary>One step of the full radius from the image itself.</summary>
    Fgsm,

    /// <summary>Projected gradient ascent on the cross-entropy.</summary>
    Pgd,

    /// <summary>Projected gradient ascent on the Carlini-Wagner margin.</summary>
    Cw,
}
