namespace Codat.Native.Autograd.Cpu;

/// <summary>A pass seen as a map from one image to another: an input gradient reads the output's gradient.</summary>
internal readonly struct ConvPass
{
    /// <summary>Height, width and channels of the image that is read.</summary>
    public readonly int InHeight, InWidth, InChannels;

    /// <summary>Height, width and channels of the image that is written.</summary>
    public readonly int OutHeight, OutWidth, OutChannels;

    /// <summary>The forward geometry.</summary>
    public readonly ConvShape Shape;

    /// <summary>Which pass it is.</summary>
    public readonly ConvDirection Direction;

    /// <summary>Takes the sizes of a pass from the forward geometry.</summary>
    public ConvPass(in ConvShape shape, ConvDirection direction)
    {
        bool forward = direction == ConvDirection.Forward;
        Shape = shape;
        Direction = direction;
        InHeight = forward ? shape.Height : shape.OutHeight;
        InWidth = forward ? shape.Width : shape.OutWidth;
        InChannels = forward ? shape.InChannels : shape.OutChannels;
        OutHeight = forward ? shape.OutHeight : shape.Height;
        OutWidth = forward ? shape.OutWidth : shape.Width;
        OutChannels = forward ? shape.OutChannels : shape.InChannels;
    }

    /// <summary>
    /// Index in the weights (K, R, S, C) of a pair of channels of this pass at kernel position (r, s).
    /// </summary>
    public long WeightIndex(int outChannel, int inChannel, int r, int s)
    {
        bool forward = Direction == ConvDirection.Forward;
        long k = forward ? outChannel : inChannel;
        long c = forward ? inChannel : outChannel;
        return ((((k * Shape.KernelHeight) + r) * Shape.KernelWidth + s) * Shape.InChannels) + c;
    }
}
