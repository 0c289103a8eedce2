namespace Codat.Native.Robust;

/// <summary>Where the prior over classes comes from.</summary>
public enum PriorKind
{
    /// <summary>Every class weighs the same.</summary>
    Uniform,

    /// <summary>The share of each class among the training images.</summary>
    Frequency,

    /// <summary>Numbers read from a file.</summary>
    File,
}
