namespace Codat.Native.Robust;

/// <summary>How far a budgeted evaluation came.</summary>
/// <param name="Claim">What was to be decided.</param>
/// <param name="Decided">Whether it holds; null where there are no images that could tell.</param>
/// <param name="Lower">Least accuracy of each class under all attacks; not-a-number without images.</param>
/// <param name="Upper">Largest accuracy of each class.</param>
public sealed record Decision(
    AccuracyClaim Claim, bool? Decided, IReadOnlyList<double> Lower, IReadOnlyList<double> Upper);
