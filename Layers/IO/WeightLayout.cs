using Codat.Native.Autograd;

namespace Codat.Native.Layers;

/// <summary>Between our order of elements and that of weight files.</summary>
/// <remarks>
/// Filters are (K,R,S,C) here and (K,C,R,S) there; the columns of a linear layer after a flatten run over (H,W,C)
/// here and
/// over (C,H,W) there. Both are, for each output, a transposition of (pixels, channels).
/// </remarks>
internal readonly record struct WeightLayout(int Outputs, int Pixels, int Channels)
{
    /// <summary>The layout of a parameter; one pixel where both orders are the same.</summary>
    public static WeightLayout Of(Parameter parameter)
    {
        var shape = parameter.Shape;
        if (parameter.Flattened is { } f) return new WeightLayout(shape[0], checked(f[0] * f[1]), f[2]);
        return shape.Rank == 4
            ? new WeightLayout(shape[0], checked(shape[1] * shape[2]), shape[3])
            : new WeightLayout(1, 1, checked((int)shape.Count));
    }

    /// <summary>A parameter's dimensions in a weight file.</summary>
    public static long[] FileShape(Shape shape)
    {
        if (shape.Rank == 4) return [shape[0], shape[3], shape[1], shape[2]];
        var sizes = new long[shape.Rank];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = shape[i];
        return sizes;
    }

    /// <summary>From our order to the file's.</summary>
    public void ToFile<T>(ReadOnlySpan<T> ours, Span<T> file) where T : unmanaged =>
        Transpose(ours, file, Outputs, Pixels, Channels);

    /// <summary>From the file's order to ours.</summary>
    public void FromFile<T>(ReadOnlySpan<T> file, Span<T> ours) where T : unmanaged =>
        Transpose(file, ours, Outputs, Channels, Pixels);

    private static void Transpose<T>(ReadOnlySpan<T> source, Span<T> target, int count, int rows, int columns)
        where T : unmanaged
    {
        var size = rows * columns;
        for (var n = 0; n < count; n++)
        {
            var from = source.Slice(n * size, size);
            var to = target.Slice(n * size, size);
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++) to[c * rows + r] = from[r * columns + c];
        }
    }
}
