namespace Codat.Native.Robust;

/// <summary>What a search follows the gradient of.</summary>
internal enum SearchLoss
{
    /// <summary>Cross-entropy with the label.</summary>
    CrossEntropy,

    /// <summary><see cref="LogitLoss.Dlr"/>.</summary>
    Dlr,

    /// <summary><see cref="LogitLoss.TargetedDlr"/>.</summary>
    TargetedDlr,

    /// <summary><see cref="LogitLoss.Gap"/>.</summary>
    Gap,
}
