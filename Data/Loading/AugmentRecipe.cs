namespace Codat.Native.Data;

/// <summary>
/// Random crop and flip as data: three numbers for every image (dx, dy, flip), drawn here and applied wherever the
/// pixels are. Output pixel (y, x) is source pixel (y + dy, x' + dx), with x' = W - 1 - x when flipped, else x' = x;
/// outside the source it is 0.
/// </summary>
/// <remarks>
/// That is padding with zeros, a random crop and then a random horizontal flip. The numbers depend on seed, sample id
/// and epoch alone, not on batch, order, subset, thread or device. Shifts are drawn from 32 bits without rejection:
/// their probabilities differ from equal by less than 1 in 10^8.
/// </remarks>
public sealed class AugmentRecipe
{
    /// <summary>Numbers for one image: dx, dy, flip.</summary>
    public const int Parameters = 3;

    private AugmentRecipe(string name, int padding, bool flips)
    {
        Name = name;
        Padding = padding;
        Flips = flips;
    }

    /// <summary>Images as they are.</summary>
    public static AugmentRecipe None { get; } = new("none", 0, false);

    /// <summary>Four pixels of padding and a random crop.</summary>
    public static AugmentRecipe Crop4 { get; } = new("crop4", 4, false);

    /// <summary><see cref="Crop4"/>, then flipped left to right with probability one half.</summary>
    public static AugmentRecipe Crop4Flip { get; } = new("crop4+flip", 4, true);

    /// <summary>Name on the command line.</summary>
    public string Name { get; }

    /// <summary>Largest shift in pixels, in each direction.</summary>
    public int Padding { get; }

    /// <summary>True if images are flipped with probability one half.</summary>
    public bool Flips { get; }

    /// <summary>The recipe of this name.</summary>
    /// <exception cref="DatasetException">There is none.</exception>
    public static AugmentRecipe Parse(string name) => name switch
    {
        "none" => None,
        "crop4" => Crop4,
        "crop4+flip" => Crop4Flip,
        _ => throw new DatasetException("unknown augmentation", "--augment", "none, crop4 or crop4+flip", name),
    };

    /// <summary>Draws dx and dy from -padding to padding and flip, 0 or 1, for one image of one epoch.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="sampleId">Index of the image in the published split.</param>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="parameters">Room for the three numbers.</param>
    public void Draw(ulong seed, int sampleId, int epoch, Span<int> parameters)
    {
        PhiloxBlock random = Philox4x32.Block(seed,
            new PhiloxBlock((uint)sampleId, (uint)epoch, (uint)DrawPurpose.Augment << 24, 0));
        uint range = (uint)(2 * Padding + 1);
        parameters[0] = (int)((ulong)random.X * range >> 32) - Padding;
        parameters[1] = (int)((ulong)random.Y * range >> 32) - Padding;
        parameters[2] = Flips ? (int)(random.Z >> 31) : 0;
    }

    /// <summary>Applies drawn numbers to one image of H x W x C bytes; the reference for what devices do.</summary>
    public static void Apply(ReadOnlySpan<byte> source, ImageShape shape, ReadOnlySpan<int> parameters,
        Span<byte> destination)
    {
        int dx = parameters[0], dy = parameters[1];
        bool flip = parameters[2] != 0;
        int stride = shape.Width * shape.Channels;
        for (int y = 0; y < shape.Height; y++)
        {
            Span<byte> row = destination.Slice(y * stride, stride);
            int fromY = y + dy;
            if ((uint)fromY >= (uint)shape.Height)
            {
                row.Clear();
                continue;
            }

            ReadOnlySpan<byte> from = source.Slice(fromY * stride, stride);
            for (int x = 0; x < shape.Width; x++)
            {
                int fromX = (flip ? shape.Width - 1 - x : x) + dx;
                Span<byte> pixel = row.Slice(x * shape.Channels, shape.Channels);
                if ((uint)fromX >= (uint)shape.Width) pixel.Clear();
                else from.Slice(fromX * shape.Channels, shape.Channels).CopyTo(pixel);
            }
        }
    }
}
