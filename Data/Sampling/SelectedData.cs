namespace Codat.Native.Data;

/// <summary>What <see cref="DataSelection"/> drew.</summary>
/// <param name="Train">Images to train on.</param>
/// <param name="Validation">Images to validate on, or null where none were set aside.</param>
/// <param name="EmptiedClasses">Classes an imbalance left without training images.</param>
public sealed record SelectedData(Subset Train, Subset? Validation, IReadOnlyList<int> EmptiedClasses);
