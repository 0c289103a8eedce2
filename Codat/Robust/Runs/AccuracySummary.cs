namespace Codat.Native.Robust;

/// <summary>Accuracies of one epoch as fractions 0 to 1; not-a-number where nothing was measured.</summary>
/// <param name="Average">Over images.</param>
/// <param name="Worst">Of the worst class.</param>
/// <param name="PerClass">Of each class.</param>
public sealed record AccuracySummary(double Average, double Worst, double[] PerClass);
