namespace Codat.Native.Robust;

/// <summary>The loss of a training step.</summary>
public enum LossKind
{
    /// <summary>Cross-entropy on adversarial images.</summary>
    Ce,

    /// <summary>Cross-entropy on clean images plus beta times the KL divergence to adversarial ones.</summary>
    Trades,

    /// <summary>Cross-entropy on clean images.</summary>
    Clean,

    /// <summary>MART: boosted cross-entropy on adversarial images plus a KL term weighed by doubt.</summary>
    Mart,

    /// <summary>BAT: terms at the images on both sides of the boundary that an attack crosses.</summary>
    Bat,
}
