namespace Codat.Native.Robust;

/// <summary>The norm in which a perturbation is bounded.</summary>
public enum Norm
{
    /// <summary>The largest absolute change of a pixel value.</summary>
    Linf,

    /// <summary>The Euclidean length of the change of one image.</summary>
    L2,
}
