namespace Codat.Native.Data;

/// <summary>Images of another data set, corrupted as they are read.</summary>
/// <remarks>
/// What is drawn depends on seed, kind and sample id alone: not on order, subset or severity, so that a severer image
/// is the same change taken further.
/// </remarks>
public sealed class CorruptedDataset : IDataset
{
    private static readonly double[] s_noise = [0.04, 0.08, 0.12];
    private static readonly double[] s_blur = [0.6, 1.0, 1.6];
    private static readonly double[] s_contrast = [0.7, 0.45, 0.25];
    private static readonly int[] s_shift = [1, 2, 4];
    private static readonly double[] s_degrees = [6, 12, 20];
    private static readonly (int X, int Y)[] s_directions =
        [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)];

    private readonly IDataset _source;
    private readonly Corruption _corruption;
    private readonly ulong _seed;
    private readonly double[] _kernel;

    /// <summary>Corrupts images as they are read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind or severity.</exception>
    public CorruptedDataset(IDataset source, Corruption corruption, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(corruption.Severity, 1, nameof(corruption));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(corruption.Severity, Corruption.MostSevere, nameof(corruption));
        if (!Enum.IsDefined(corruption.Kind)) throw new ArgumentOutOfRangeException(nameof(corruption));
        (_source, _corruption, _seed) = (source, corruption, seed);
        _kernel = Kernel(s_blur[corruption.Severity - 1]);
    }

    /// <inheritdoc/>
    public string Name => _source.Name;

    /// <inheritdoc/>
    public int Count => _source.Count;

    /// <inheritdoc/>
    public ImageShape Shape => _source.Shape;

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
        var source = new byte[Shape.Bytes];
        _source.Read(index, source);
        var level = _corruption.Severity - 1;
        var draw = Draw(index, 0).X;
        switch (_corruption.Kind)
        {
            case CorruptionKind.Noise: AddNoise(source, pixels, index, 255 * s_noise[level]); break;
            case CorruptionKind.Blur: Blur(source, pixels); break;
            case CorruptionKind.Contrast: Flatten(source, pixels, s_contrast[level]); break;
            case CorruptionKind.Shift: Move(source, pixels, s_directions[draw % 8], s_shift[level]); break;
            default: Turn(source, pixels, (draw % 2 == 0 ? 1 : -1) * s_degrees[level]); break;
        }
    }

    private PhiloxBlock Draw(int index, int block) => Philox4x32.Block(_seed, new PhiloxBlock(
        (uint)SampleId(index), (uint)_corruption.Kind, (uint)DrawPurpose.Corruption << 24, (uint)block));

    private void AddNoise(byte[] source, Span<byte> pixels, int index, double deviation)
    {
        Span<double> normal = stackalloc double[4];
        for (var i = 0; i < pixels.Length; i++)
        {
            if (i % 4 == 0) Normal(Draw(index, i / 4), normal);
            pixels[i] = Round(source[i] + deviation * normal[i % 4]);
        }
    }

    // Box and Muller, twice.
    private static void Normal(PhiloxBlock words, Span<double> normal)
    {
        var radius = Math.Sqrt(-2 * Math.Log((words.X + 0.5) / 4294967296.0));
        (normal[0], normal[1]) = Math.SinCos(2 * Math.PI * (words.Y / 4294967296.0));
        (normal[0], normal[1]) = (radius * normal[0], radius * normal[1]);
        radius = Math.Sqrt(-2 * Math.Log((words.Z + 0.5) / 4294967296.0));
        (normal[2], normal[3]) = Math.SinCos(2 * Math.PI * (words.W / 4294967296.0));
        (normal[2], normal[3]) = (radius * normal[2], radius * normal[3]);
    }

    private void Blur(byte[] source, Span<byte> pixels)
    {
        var (height, width, channels) = (Shape.Height, Shape.Width, Shape.Channels);
        var (reach, rows) = (_kernel.Length / 2, new double[source.Length]);
        for (var i = 0; i < source.Length; i++)
        {
            var (y, x, c) = (i / (width * channels), i / channels % width, i % channels);
            for (var k = -reach; k <= reach; k++)
                rows[i] += _kernel[k + reach] * source[(y * width + Math.Clamp(x + k, 0, width - 1)) * channels + c];
        }
        for (var i = 0; i < source.Length; i++)
        {
            var (y, rest, sum) = (i / (width * channels), i % (width * channels), 0.0);
            for (var k = -reach; k <= reach; k++)
                sum += _kernel[k + reach] * rows[Math.Clamp(y + k, 0, height - 1) * width * channels + rest];
            pixels[i] = Round(sum);
        }
    }

    private static double[] Kernel(double deviation)
    {
        var reach = (int)Math.Ceiling(3 * deviation);
        var kernel = new double[2 * reach + 1];
        for (var k = -reach; k <= reach; k++) kernel[k + reach] = Math.Exp(-k * k / (2 * deviation * deviation));
        var sum = kernel.Sum();
        return Array.ConvertAll(kernel, value => value / sum);
    }

    private static void Flatten(byte[] source, Span<byte> pixels, double share)
    {
        var mean = source.Average(value => (double)value);
        for (var i = 0; i < pixels.Length; i++) pixels[i] = Round(mean + share * (source[i] - mean));
    }

    private void Move(byte[] source, Span<byte> pixels, (int X, int Y) direction, int distance)
    {
        var (height, width, channels) = (Shape.Height, Shape.Width, Shape.Channels);
        for (var i = 0; i < pixels.Length; i++)
        {
            var y = Math.Clamp(i / (width * channels) - direction.Y * distance, 0, height - 1);
            var x = Math.Clamp(i / channels % width - direction.X * distance, 0, width - 1);
            pixels[i] = source[(y * width + x) * channels + i % channels];
        }
    }

    private void Turn(byte[] source, Span<byte> pixels, double degrees)
    {
        var (height, width, channels) = (Shape.Height, Shape.Width, Shape.Channels);
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var (midY, midX) = ((height - 1) / 2.0, (width - 1) / 2.0);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var fromX = Math.Clamp(midX + cos * (x - midX) + sin * (y - midY), 0, width - 1);
                var fromY = Math.Clamp(midY - sin * (x - midX) + cos * (y - midY), 0, height - 1);
                for (var c = 0; c < channels; c++)
                    pixels[(y * width + x) * channels + c] = Round(Between(source, fromY, fromX, c));
            }
        }
    }

    private double Between(byte[] source, double y, double x, int channel)
    {
        var (top, left) = ((int)y, (int)x);
        var (bottom, right) = (Math.Min(top + 1, Shape.Height - 1), Math.Min(left + 1, Shape.Width - 1));
        var (dy, dx) = (y - top, x - left);
        return (1 - dy) * ((1 - dx) * At(top, left) + dx * At(top, right))
            + dy * ((1 - dx) * At(bottom, left) + dx * At(bottom, right));

        double At(int row, int column) => source[(row * Shape.Width + column) * Shape.Channels + channel];
    }

    private static byte Round(double value) => (byte)Math.Clamp(Math.Floor(value + 0.5), 0, 255);
}
