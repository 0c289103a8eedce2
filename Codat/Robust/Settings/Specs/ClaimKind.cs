namespace Codat.Native.Robust;

/// <summary>Which accuracy a claim is about.</summary>
public enum ClaimKind
{
    /// <summary>The smallest class accuracy.</summary>
    Worst,

    /// <summary>Right images over all images.</summary>
    Average,

    /// <summary>The accuracy of one class.</summary>
    Class,
}
