namespace Codat.Native.Robust;

/// <summary>A part of a data set.</summary>
public enum SplitKind
{
    /// <summary>The official test images.</summary>
    Test,

    /// <summary>The part of the training images held back for selection.</summary>
    Val,

    /// <summary>The training images.</summary>
    Train,
}
