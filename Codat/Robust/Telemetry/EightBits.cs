namespace Codat.Native.Robust;

/// <summary>Images as a file of whole bytes holds them.</summary>
internal static class EightBits
{
    /// <summary>Rounds every value in [0,1] to the nearest of the 256 that a byte stands for.</summary>
    public static void Round(Span<float> image)
    {
        foreach (ref var value in image) value = MathF.Round(value * 255) / 255f;
    }
}
