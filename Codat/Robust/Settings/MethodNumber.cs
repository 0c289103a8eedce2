namespace Codat.Native.Robust;

/// <summary>One of a method's own numbers.</summary>
/// <param name="Key">Its name in <c>--set</c>.</param>
/// <param name="Default">What it is unless given.</param>
/// <param name="Min">The least allowed.</param>
/// <param name="Max">The largest allowed.</param>
/// <param name="Meaning">What it is.</param>
/// <param name="Source">Where the default comes from.</param>
public sealed record MethodNumber(
    string Key, double Default, double Min, double Max, string Meaning, string Source);
