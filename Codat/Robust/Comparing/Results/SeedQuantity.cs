namespace Codat.Native.Robust;

/// <summary>What is compared between methods.</summary>
internal enum SeedQuantity
{
    /// <summary>Accuracy over all images.</summary>
    Average = 0,

    /// <summary>Accuracy of the worst class, whichever it is for a seed.</summary>
    Worst = 1,

    /// <summary>Best minus worst class.</summary>
    Spread = 2,
}
