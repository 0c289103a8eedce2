namespace Codat.Native.Autograd.Cpu;

/// <summary>The output positions whose input position lies inside the image.</summary>
internal static class Inside
{
    /// <summary>The first position o >= 0 with o * stride >= border.</summary>
    public static int First(int border, int stride) => border <= 0 ? 0 : (border + stride - 1) / stride;

    /// <summary>One past the last position o with o * stride &lt; border.</summary>
    public static int End(int border, int stride) => border <= 0 ? 0 : (border + stride - 1) / stride;
}
