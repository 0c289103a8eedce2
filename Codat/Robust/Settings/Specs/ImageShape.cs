namespace Codat.Native.Robust;

/// <summary>The shape of the images of a data set.</summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
/// <param name="Channels">Colour channels.</param>
public readonly record struct ImageShape(int Height, int Width, int Channels);
