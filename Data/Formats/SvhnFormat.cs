using System.Globalization;

namespace Codat.Native.Data;

/// <summary>
/// SVHN's cropped digits: a MATLAB 5 file with <c>X</c> (32, 32, 3, N) bytes, first index fastest, and <c>y</c> (N, 1),
/// where the digit 0 is labelled 10.
/// </summary>
internal static class SvhnFormat
{
    private const int Side = 32;
    internal static readonly ImageShape Shape = new(Side, Side, 3);

    internal static (byte[] Pixels, int[] Labels) Read(ReadOnlyMemory<byte> file, string where)
    {
        List<MatArray> arrays = MatFormat.Read(file, where);
        MatArray x = MatFormat.Find(arrays, "X", where);
        MatArray y = MatFormat.Find(arrays, "y", where);
        if (x.StorageType != MatFormat.UInt8 || x.Dimensions is not [Side, Side, 3, _])
            throw new DatasetException("X has the wrong shape", where, "bytes (32, 32, 3, N)",
                "(" + string.Join(", ", x.Dimensions) + ")");
        int count = x.Dimensions[3];
        if (y.Dimensions is not ([_, 1] or [1, _]) || Math.Max(y.Dimensions[0], y.Dimensions[1]) != count)
            throw new DatasetException("y does not match X", where,
                string.Create(CultureInfo.InvariantCulture, $"({count}, 1)"),
                "(" + string.Join(", ", y.Dimensions) + ")");

        var labels = new int[count];
        for (int i = 0; i < count; i++)
            labels[i] = LabelCheck.InRange(MatFormat.Integer(y, i, where), 10, i, where, first: 1) + 1;
        for (int i = 0; i < count; i++) labels[i] %= 10;

        return (Transpose(x.Data.Span, count), labels);
    }

    /// <summary>(row fastest, column, channel, image) to (image, row, column, channel fastest).</summary>
    private static byte[] Transpose(ReadOnlySpan<byte> source, int count)
    {
        int imageBytes = Shape.Bytes;
        var pixels = new byte[(long)count * imageBytes];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> from = source.Slice(i * imageBytes, imageBytes);
            Span<byte> to = pixels.AsSpan(i * imageBytes, imageBytes);
            for (int c = 0; c < 3; c++)
                for (int column = 0; column < Side; column++)
                    for (int row = 0; row < Side; row++)
                        to[(row * Side + column) * 3 + c] = from[(c * Side + column) * Side + row];
        }

        return pixels;
    }
}
