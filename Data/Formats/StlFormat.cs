namespace Codat.Native.Data;

/// <summary>
/// The binary STL-10 format: images of 96 x 96 as red, green and blue planes stored column after column, and one label
/// byte for each, 1 to 10. Images are reduced to 64 x 64 while they are read.
/// </summary>
/// <remarks>
/// The reduction is by area, exactly: three source pixels become two, in both directions, so an output pixel is
/// (4 a + 2 b + 2 c + d) / 9 of a 2 x 2 neighbourhood, rounded to nearest. No floating point, the same on every
/// machine.
/// </remarks>
internal static class StlFormat
{
    internal const int SourceSide = 96;
    internal const int Side = 64;
    internal const int SourceBytes = 3 * SourceSide * SourceSide;
    internal const int ImageBytes = 3 * Side * Side;
    internal static readonly ImageShape Shape = new(Side, Side, 3);

    internal static int CountImages(long fileBytes, string where)
    {
        if (fileBytes == 0 || fileBytes % SourceBytes != 0)
            throw new DatasetException("the STL-10 file does not hold whole images", where,
                "a multiple of " + DataFile.Bytes(SourceBytes), DataFile.Bytes(fileBytes), "fetch the file again");
        return (int)(fileBytes / SourceBytes);
    }

    internal static int[] ReadLabels(ReadOnlySpan<byte> file, int count, int classes, string where)
    {
        if (file.Length != count)
            throw new DatasetException("the label file does not match the images", where, DataFile.Bytes(count),
                DataFile.Bytes(file.Length));
        var labels = new int[count];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = LabelCheck.InRange(file[i], classes, i, where, first: 1);
        return labels;
    }

    internal static byte[] ReadImages(ReadOnlySpan<byte> file, string where)
    {
        int count = CountImages(file.Length, where);
        var pixels = new byte[(long)count * ImageBytes];
        for (int i = 0; i < count; i++)
            Reduce(file.Slice(i * SourceBytes, SourceBytes), pixels.AsSpan(i * ImageBytes, ImageBytes));
        return pixels;
    }

    private static void Reduce(ReadOnlySpan<byte> source, Span<byte> pixels)
    {
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<byte> plane = source.Slice(c * SourceSide * SourceSide, SourceSide * SourceSide);
            for (int y = 0; y < Side; y++)
            {
                // Output 2k lies on source 3k (two thirds) and 3k+1; output 2k+1 on 3k+2 (two thirds) and 3k+1.
                int nearY = y / 2 * 3 + (y % 2) * 2;
                int midY = y / 2 * 3 + 1;
                for (int x = 0; x < Side; x++)
                {
                    int near = (x / 2 * 3 + (x % 2) * 2) * SourceSide;
                    int mid = (x / 2 * 3 + 1) * SourceSide;
                    int sum = 4 * plane[near + nearY] + 2 * plane[near + midY]
                        + 2 * plane[mid + nearY] + plane[mid + midY];
                    pixels[(y * Side + x) * 3 + c] = (byte)((2 * sum + 9) / 18);
                }
            }
        }
    }
}
