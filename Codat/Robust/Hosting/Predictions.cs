namespace Codat.Native.Robust;

/// <summary>What the network says of a batch.</summary>
/// <param name="Classes">The class of each image; -1 where a logit is not a number.</param>
/// <param name="Logits">The logits, (images, classes) row by row.</param>
public sealed record Predictions(IReadOnlyList<int> Classes, float[] Logits);
