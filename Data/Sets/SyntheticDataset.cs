namespace Codat.Native.Data;

/// <summary>
/// Striped images made by seed: the class is the direction of the stripes, position, contrast and noise are random. The
/// last third of the classes are turned by small angles only, so they are harder to tell apart than the others, above
/// all under attack. Integer arithmetic on every pixel: the same bytes on every machine.
/// </summary>
public static class SyntheticDataset
{
    private const int Cycle = 4096;
    private const double StripePeriod = 7.0;

    /// <summary>Generates one split.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 or more than 100 classes, or no images.</exception>
    public static MemoryDataset Create(SyntheticOptions options, DatasetSplit split)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Classes, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Classes, 100, nameof(options));
        int count = split == DatasetSplit.Train ? options.TrainCount : options.TestCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(options));

        (int X, int Y)[] waves = CreateWaves(options.Classes);
        int imageBytes = options.Shape.Bytes;
        var pixels = new byte[checked(count * imageBytes)];
        var labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % options.Classes;
            var random = new PhiloxStream(options.Seed, DrawPurpose.Synthetic, (uint)i, (uint)split);
            Draw(ref random, waves[labels[i]], options.Shape, pixels.AsSpan(i * imageBytes, imageBytes));
        }

        return new MemoryDataset("synthetic", options.Shape, options.CreateClassNames(), pixels, labels);
    }

    /// <summary>Phase steps in x and y for every class, in 1/4096 cycle for a pixel.</summary>
    internal static (int X, int Y)[] CreateWaves(int classes)
    {
        // Neighbouring classes are a unit apart, in the last third a third of it; the whole is half a turn.
        int similar = classes / 3;
        double units = classes - similar + similar / 3.0;
        var waves = new (int, int)[classes];
        double position = 0;
        for (int k = 0; k < classes; k++)
        {
            double angle = Math.PI * position / units;
            waves[k] = ((int)Math.Round(Math.Cos(angle) * Cycle / StripePeriod),
                (int)Math.Round(Math.Sin(angle) * Cycle / StripePeriod));
            position += k >= classes - similar - 1 && k < classes - 1 ? 1.0 / 3.0 : 1.0;
        }

        return waves;
    }

    private static void Draw(ref PhiloxStream random, (int X, int Y) wave, ImageShape shape, Span<byte> pixels)
    {
        int phase = random.NextBelow(Cycle);
        int contrast = 70 + random.NextBelow(50);
        int brightness = 118 + random.NextBelow(20);
        const int Noise = 41;
        int position = 0;
        for (int y = 0; y < shape.Height; y++)
        {
            for (int x = 0; x < shape.Width; x++)
            {
                int at = (phase + x * wave.X + y * wave.Y) & (Cycle - 1);
                int triangle = Math.Abs(2 * at - Cycle) - Cycle / 2;
                int clean = brightness + contrast * triangle * 2 / Cycle;
                for (int c = 0; c < shape.Channels; c++)
                    pixels[position++] = (byte)Math.Clamp(clean + random.NextBelow(Noise) - Noise / 2, 0, 255);
            }
        }
    }
}
