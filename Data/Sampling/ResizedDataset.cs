namespace Codat.Native.Data;

/// <summary>
/// Images of another data set at another size, by exact area averaging: each output pixel is the mean of what it
/// covers.
/// </summary>
public sealed class ResizedDataset : IDataset
{
    private readonly IDataset _source;
    private readonly (int First, double[] Weights)[] _rows;
    private readonly (int First, double[] Weights)[] _columns;

    /// <summary>Resizes images to <paramref name="height"/> x <paramref name="width"/> as they are read.</summary>
    public ResizedDataset(IDataset source, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _source = source;
        Shape = new ImageShape(height, width, source.Shape.Channels);
        _rows = Coverage(source.Shape.Height, height);
        _columns = Coverage(source.Shape.Width, width);
    }

    /// <inheritdoc/>
    public string Name => _source.Name;

    /// <inheritdoc/>
    public int Count => _source.Count;

    /// <inheritdoc/>
    public ImageShape Shape { get; }

    /// <inheritdoc/>
    public int Classes => _source.Classes;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _source.ClassNames;

    /// <inheritdoc/>
    public int Label(int index) => _source.Label(index);

    /// <inheritdoc/>
    public int SampleId(int index) => _source.SampleId(index);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> pixels)
    {
        byte[] source = new byte[_source.Shape.Bytes];
        _source.Read(index, source);
        int channels = Shape.Channels, stride = _source.Shape.Width * channels;
        for (int y = 0; y < Shape.Height; y++)
        {
            for (int x = 0; x < Shape.Width; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    double sum = 0;
                    for (int i = 0; i < _rows[y].Weights.Length; i++)
                        for (int j = 0; j < _columns[x].Weights.Length; j++)
                            sum += _rows[y].Weights[i] * _columns[x].Weights[j]
                                * source[(_rows[y].First + i) * stride + (_columns[x].First + j) * channels + c];
                    pixels[(y * Shape.Width + x) * channels + c] = (byte)Math.Clamp(Math.Floor(sum + 0.5), 0, 255);
                }
            }
        }
    }

    // For each output pixel: the first source pixel under it, and the share of it that each covers.
    private static (int, double[])[] Coverage(int from, int to)
    {
        var coverage = new (int, double[])[to];
        for (int o = 0; o < to; o++)
        {
            // In units of 1/to of a source pixel everything is a whole number, so the shares are exact.
            long start = (long)o * from, end = start + from;
            int first = (int)(start / to), last = (int)((end + to - 1) / to);
            var weights = new double[last - first];
            for (int s = first; s < last; s++)
                weights[s - first] = (double)(Math.Min(end, (s + 1L) * to) - Math.Max(start, (long)s * to)) / from;
            coverage[o] = (first, weights);
        }
        return coverage;
    }
}
