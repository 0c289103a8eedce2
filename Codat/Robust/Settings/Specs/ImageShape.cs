namespace Codat.Native.Robust;

/// <summary>The shape of the images of a data set.</summary>
/// <param name="Channels">Colour channels.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>True for 28x28 grey images, which have presets of their own.</summary>
    public bool IsSmallGrey => this is { Channels: 1, Height: 28, Width: 28 };
}
