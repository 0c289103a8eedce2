namespace Codat.Native.Data;

/// <summary>The two parts a data set is published in.</summary>
public enum DatasetSplit
{
    /// <summary>Images to learn from; the validation images are drawn from these.</summary>
    Train,

    /// <summary>Images for the final test only.</summary>
    Test,
}
