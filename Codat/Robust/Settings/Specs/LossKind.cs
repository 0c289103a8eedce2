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
}
