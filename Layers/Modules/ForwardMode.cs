namespace Codat.Native.Layers;

/// <summary>Which statistics batch norm uses. The word "frozen" is avoided: public codes mean either of the last two
/// by it.</summary>
public enum ForwardMode
{
    /// <summary>The batch's statistics; running ones are updated.</summary>
    Train,

    /// <summary>The batch's statistics, gradients pass through them; running ones stay.</summary>
    BatchStats,

    /// <summary>Running statistics, constants in the gradient.</summary>
    Eval,
}
