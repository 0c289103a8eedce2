namespace Codat.Native.Data;

/// <summary>
/// The binary CIFAR formats: records without a header, each one or two label bytes (CIFAR-100: coarse, fine) and then
/// the red, green and blue planes of 32 rows of 32 bytes.
/// </summary>
internal static class CifarFormat
{
    private const int Side = 32;
    private const int Plane = Side * Side;
    internal const int ImageBytes = 3 * Plane;
    internal static readonly ImageShape Shape = new(Side, Side, 3);

    /// <summary>
    /// Number of records in a file of this length; a file that does not hold whole records is an error.
    /// </summary>
    internal static int CountRecords(long fileBytes, int labelBytes, string where)
    {
        long record = labelBytes + ImageBytes;
        if (fileBytes == 0 || fileBytes % record != 0)
            throw new DatasetException("the CIFAR file does not hold whole records", where,
                "a multiple of " + DataFile.Bytes(record), DataFile.Bytes(fileBytes), "fetch the file again");
        return (int)(fileBytes / record);
    }

    /// <summary>
    /// Appends the records of one file: the last label byte counts, planes become interleaved pixels (HWC).
    /// </summary>
    internal static void Read(ReadOnlySpan<byte> file, int labelBytes, int classes, Span<byte> pixels,
        Span<int> labels, string where)
    {
        int record = labelBytes + ImageBytes;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<byte> bytes = file.Slice(i * record, record);
            labels[i] = LabelCheck.InRange(bytes[labelBytes - 1], classes, i, where);
            Interleave(bytes[labelBytes..], pixels.Slice(i * ImageBytes, ImageBytes));
        }
    }

    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        ReadOnlySpan<byte> red = planes[..Plane];
        ReadOnlySpan<byte> green = planes.Slice(Plane, Plane);
        ReadOnlySpan<byte> blue = planes.Slice(2 * Plane, Plane);
        for (int i = 0; i < red.Length; i++)
        {
            pixels[3 * i] = red[i];
            pixels[3 * i + 1] = green[i];
            pixels[3 * i + 2] = blue[i];
        }
    }
}
