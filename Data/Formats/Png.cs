namespace Codat.Native.Data;

/// <summary>
/// PNG images with eight bits a channel: reads grey, RGB, RGBA and palette images that are not interlaced, writes grey
/// and RGB (PNG specification, third edition).
/// </summary>
public static class Png
{
    internal const int Grey = 0, Rgb = 2, Palette = 3, Rgba = 6;

    internal static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>
    /// Decodes the bytes of a PNG file to 1, 3 or 4 channels; a palette becomes RGB, or RGBA if it has transparency.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="where">Name for error messages.</param>
    /// <exception cref="DatasetException">The file is damaged or uses a feature outside the supported ones.</exception>
    public static RasterImage Decode(ReadOnlyMemory<byte> file, string where) => PngDecoder.Decode(file, where);

    /// <summary>Encodes H x W x C bytes (C = 1 or 3, channels innermost) as a PNG file.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, ImageShape shape) => PngEncoder.Encode(pixels, shape);

    /// <summary>
    /// The predictor of filter 4: of left, up and upper left the one nearest to left + up - upper left.
    /// </summary>
    internal static int Paeth(int left, int up, int upLeft)
    {
        int estimate = left + up - upLeft;
        int toLeft = Math.Abs(estimate - left);
        int toUp = Math.Abs(estimate - up);
        int toUpLeft = Math.Abs(estimate - upLeft);
        return toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
    }
}
