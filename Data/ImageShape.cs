using System.Globalization;

namespace Codat.Native.Data;

/// <summary>Height, width and channels of one image; its bytes lie row by row with channels innermost (HWC).</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Channels">1 for grey, 3 for RGB.</param>
public readonly record struct ImageShape(int Height, int Width, int Channels)
{
    /// <summary>Bytes of one image: H x W x C; throws <see cref="OverflowException"/> beyond 2 GiB.</summary>
    public int Bytes => checked(Height * Width * Channels);

    /// <summary>The shape as people write it: <c>28x28x1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}x{Channels}");
}
