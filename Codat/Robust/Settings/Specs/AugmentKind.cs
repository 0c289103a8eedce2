namespace Codat.Native.Robust;

/// <summary>How training images are varied.</summary>
public enum AugmentKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Random crops after four pixels of padding.</summary>
    Crop4,

    /// <summary>Random crops after four pixels of padding, and horizontal flips.</summary>
    Crop4Flip,
}
