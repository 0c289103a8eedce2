using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Cli;

/// <summary>Images and labels as <c>.npy</c> files: float32 (N,C,H,W) in [0,1], or uint8 (N,H,W,C).</summary>
internal static class ArrayFiles
{
    /// <summary>Images in our order (N,H,W,C), as floats in [0,1].</summary>
    public static (float[] Images, int Count) ReadImages(string path, NetworkSpec spec)
    {
        var array = Npy.Read(path);
        var floats = array.Type == NpyType.Float32;
        int[] expected = floats ? [spec.Channels, spec.Height, spec.Width] : [spec.Height, spec.Width, spec.Channels];
        if ((!floats && array.Type != NpyType.UInt8) || array.Shape.Length != 4
            || !array.Shape[1..].SequenceEqual(expected))
        {
            throw new CodatException("the images do not fit the network", path,
                $"float32 (N,{spec.Channels},{spec.Height},{spec.Width}) in [0,1] "
                + $"or uint8 (N,{spec.Height},{spec.Width},{spec.Channels})",
                $"{array.Type} {array.DescribeShape()}");
        }
        var count = array.Shape[0];
        if (count == 0)
            throw new CodatException("there are no images", path, "at least one image", array.DescribeShape());
        return (floats ? FromPlanes(array.Values<float>(), count, spec, path) : FromBytes(array.Values<byte>()), count);
    }

    /// <summary>One label for each image.</summary>
    public static int[] ReadLabels(string path, int count, int classes)
    {
        var array = Npy.Read(path);
        if (array.Type is not (NpyType.Int64 or NpyType.Int32) || array.Shape.Length != 1 || array.Count != count)
            throw new CodatException("the labels do not fit the images", path, $"int64 or int32 ({count})",
                $"{array.Type} {array.DescribeShape()}");
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            var label = array.Type == NpyType.Int64 ? array.Values<long>()[i] : array.Values<int>()[i];
            if (label < 0 || label >= classes)
                throw new CodatException(
                    "a label is not a class", $"{path}, element {i}", $"0 to {classes - 1}", $"{label}");
            labels[i] = (int)label;
        }
        return labels;
    }

    /// <summary>Writes images (N,H,W,C) as float32 (N,C,H,W).</summary>
    public static void WriteImages(string path, float[] images, int count, NetworkSpec spec)
    {
        var planes = new float[images.Length];
        Permute(images, planes, count, spec, toPlanes: true);
        AtomicFile.Write(
            path, stream => Npy.Write<float>(stream, planes, count, spec.Channels, spec.Height, spec.Width));
    }

    private static float[] FromPlanes(ReadOnlySpan<float> planes, int count, NetworkSpec spec, string path)
    {
        for (var i = 0; i < planes.Length; i++)
        {
            if (!(planes[i] >= 0 && planes[i] <= 1))
            {
                throw new CodatException("a pixel is outside [0,1]", $"{path}, element {i}", "0 to 1",
                    planes[i].ToString(System.Globalization.CultureInfo.InvariantCulture),
                    "divide by 255; normalisation is inside the network");
            }
        }
        var images = new float[planes.Length];
        Permute(planes, images, count, spec, toPlanes: false);
        return images;
    }

    private static float[] FromBytes(ReadOnlySpan<byte> bytes)
    {
        var images = new float[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) images[i] = bytes[i] / 255f;
        return images;
    }

    private static void Permute(ReadOnlySpan<float> from, Span<float> to, int count, NetworkSpec spec, bool toPlanes)
    {
        var (area, channels) = (spec.Height * spec.Width, spec.Channels);
        for (var n = 0; n < count; n++)
        {
            for (var p = 0; p < area; p++)
            {
                for (var c = 0; c < channels; c++)
                {
                    var (pixel, plane) = ((n * area + p) * channels + c, (n * channels + c) * area + p);
                    if (toPlanes) to[plane] = from[pixel];
                    else to[pixel] = from[plane];
                }
            }
        }
    }
}
