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

    /// <summary>Auto-PGD on the cross-entropy.</summary>
    ApgdCe,

    /// <summary>Auto-PGD on the difference of logits ratio.</summary>
    ApgdDlr,

    /// <summary>Auto-PGD on the targeted difference of logits ratio, target by target.</summary>
    ApgdT,

    /// <summary>Fast adaptive boundary attack, target by target.</summary>
    FabT,

    /// <summary>Random search over square windows.</summary>
    Square,

    /// <summary>Images that projected gradient ascent made on another network.</summary>
    Transfer,

    /// <summary>APGD-CE, then APGD-T on survivors.</summary>
    AaLight,

    /// <summary>APGD-CE, APGD-T, FAB-T and Square, each on survivors of those before.</summary>
    AutoAttack,
}
