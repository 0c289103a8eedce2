namespace Codat.Native.Interop;

/// <summary>
/// The memory of one convolution, by role in the forward direction; gradients lie where their values would.
/// </summary>
internal readonly record struct ConvolutionBuffers
{
    /// <summary>The input, or where its gradient goes.</summary>
    public DeviceSpan<byte> Input { get; init; }

    /// <summary>The filter, or where its gradient goes.</summary>
    public DeviceSpan<byte> Filter { get; init; }

    /// <summary>The output, or its gradient.</summary>
    public DeviceSpan<byte> Output { get; init; }

    /// <summary>The bias of <see cref="ConvolutionEpilogue.Bias"/>.</summary>
    public DeviceSpan<byte> Bias { get; init; }

    /// <summary>The tensor of <see cref="ConvolutionEpilogue.Addend"/>.</summary>
    public DeviceSpan<byte> Addend { get; init; }

    /// <summary>What went into the ReLU of <see cref="ConvolutionEpilogue.ReluGradient"/>, or came out of it.</summary>
    public DeviceSpan<byte> ReluSource { get; init; }

    /// <summary>Scratch memory.</summary>
    public DeviceSpan<byte> Workspace { get; init; }
}
