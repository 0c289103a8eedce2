namespace Codat.Native.Data;

/// <summary>One decoded image: its shape (1 grey, 3 RGB or 4 RGBA channels) and H x W x C bytes.</summary>
/// <param name="Shape">Height, width, channels.</param>
/// <param name="Pixels">Row by row, channels innermost.</param>
public sealed record RasterImage(ImageShape Shape, byte[] Pixels);
