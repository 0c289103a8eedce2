namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// The geometry of a convolution without its batch size, on which no kernel choice or summation order may depend.
/// </summary>
/// <param name="Height">Input height H.</param>
/// <param name="Width">Input width W.</param>
/// <param name="InChannels">Input channels C.</param>
/// <param name="KernelHeight">Kernel height R.</param>
/// <param name="KernelWidth">Kernel width S.</param>
/// <param name="OutChannels">Output channels K.</param>
/// <param name="StrideH">Vertical stride.</param>
/// <param name="StrideW">Horizontal stride.</param>
/// <param name="PadH">Zero rows above and below.</param>
/// <param name="PadW">Zero columns left and right.</param>
internal readonly record struct ConvShape(
    int Height,
    int Width,
    int InChannels,
    int KernelHeight,
    int KernelWidth,
    int OutChannels,
    int StrideH,
    int StrideW,
    int PadH,
    int PadW)
{
    /// <summary>Output height.</summary>
    public int OutHeight => (Height + (2 * PadH) - KernelHeight) / StrideH + 1;

    /// <summary>Output width.</summary>
    public int OutWidth => (Width + (2 * PadW) - KernelWidth) / StrideW + 1;

    /// <summary>Elements of the weights (K, R, S, C).</summary>
    public long WeightElements => (long)OutChannels * KernelHeight * KernelWidth * InChannels;

    /// <summary>
    /// Throws if a size is not positive, a padding negative, or the padded input smaller than the kernel.
    /// </summary>
    public void Validate()
    {
        bool ok = Height > 0 && Width > 0 && InChannels > 0 && KernelHeight > 0 && KernelWidth > 0 && OutChannels > 0
            && StrideH > 0 && StrideW > 0 && PadH >= 0 && PadW >= 0
            && Height + (2 * PadH) >= KernelHeight && Width + (2 * PadW) >= KernelWidth;
        if (!ok)
        {
            throw new ArgumentException($"No convolution has this shape: {this}.");
        }
    }
}

/// <summary>Which pass a convolution kernel computes.</summary>
internal enum ConvDirection
{
    /// <summary>Output from input.</summary>
    Forward,

    /// <summary>Gradient of the input from the gradient of the output.</summary>
    InputGradient,
}

/// <summary>
/// What happens to each output element before it is stored, in this order: add bias, add residual, ReLU, mask.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
internal unsafe struct ConvEpilogue<T>
    where T : unmanaged
{
    /// <summary>One value per output channel of the pass, or null.</summary>
    public T* Bias;

    /// <summary>A tensor shaped as the output of the pass, or null; it may be the output buffer itself.</summary>
    public T* Residual;

    /// <summary>Whether negative values become zero.</summary>
    public bool Relu;

    /// <summary>
    /// A tensor shaped as the output of the pass, or null; the output is zero where this is not positive.
    /// </summary>
    public T* Mask;
}
