namespace Codat.Native.Robust;

/// <summary>A split of the data set as a run read it.</summary>
/// <param name="Split">Which one: train, val or test.</param>
/// <param name="N">Its images.</param>
/// <param name="PerClass">Its images of each class.</param>
/// <param name="Hash">SHA-256 of its indices, pixels and labels.</param>
/// <param name="ReadAt">When it was first read.</param>
/// <param name="Purpose">What for.</param>
public sealed record SplitRead(string Split, int N, IReadOnlyList<int> PerClass, string Hash, DateTimeOffset ReadAt,
    string Purpose);
