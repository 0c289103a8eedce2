using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class PngTests
{
    [Test]
    public void Decode_EveryFilterAndColourType_GivesThePixels([Values(0, 2, 6)] int colour, [Range(0, 4)] int filter)
    {
        int channels = colour == 0 ? 1 : colour == 2 ? 3 : 4;
        byte[] pixels = SampleFiles.Random(7 * 5 * channels, colour + filter);
        byte[] file = SampleFiles.PngFile(5, 7, (byte)colour, Filter(pixels, 5 * channels, channels, _ => filter));

        RasterImage image = Png.Decode(file, "f");

        Assert.That(image.Shape, Is.EqualTo(new ImageShape(7, 5, channels)));
        Assert.That(image.Pixels, Is.EqualTo(pixels));
    }

    [Test]
    public void Decode_AnotherFilterOnEveryLine_GivesThePixels()
    {
        byte[] pixels = SampleFiles.Random(10 * 6 * 3, 8);

        byte[] lines = Filter(pixels, 18, 3, y => (y * 3 + 4) % 5);

        RasterImage image = Png.Decode(SampleFiles.PngFile(6, 10, 2, lines), "f");

        Assert.That(image.Pixels, Is.EqualTo(pixels));
    }

    [Test]
    public void Decode_Palette_LooksColoursUp()
    {
        byte[] palette = [10, 20, 30, 40, 50, 60];
        byte[] lines = [0, 0, 1, 0, 1, 1];

        RasterImage image = Png.Decode(SampleFiles.PngFile(2, 2, 3, lines, extra: ("PLTE", palette)), "f");
        RasterImage clear = Png.Decode(
            SampleFiles.PngFile(2, 2, 3, lines, extra: [("PLTE", palette), ("tRNS", [7])]), "f");

        Assert.That(image.Pixels, Is.EqualTo(new byte[] { 10, 20, 30, 40, 50, 60, 40, 50, 60, 40, 50, 60 }));
        Assert.That(clear.Pixels,
            Is.EqualTo(new byte[] { 10, 20, 30, 7, 40, 50, 60, 255, 40, 50, 60, 255, 40, 50, 60, 255 }));
    }

    [Test]
    public void Decode_PixelOutsideThePalette_IsRefused()
    {
        byte[] file = SampleFiles.PngFile(1, 1, 3, [0, 2], extra: ("PLTE", [1, 2, 3, 4, 5, 6]));

        Assert.Throws<DatasetException>(() => Png.Decode(file, "f"));
    }

    [Test]
    public void Decode_SeveralDataChunks_AreOneStream()
    {
        byte[] pixels = SampleFiles.Random(64, 3);
        byte[] packed = SampleFiles.Zlib(Filter(pixels, 8, 1, _ => 2));
        byte[] whole = SampleFiles.PngFile(8, 8, 0, []);
        byte[] file =
        [
            .. whole.AsSpan(0, 33), .. SampleFiles.PngChunk("tEXt", [1, 2]),
            .. SampleFiles.PngChunk("IDAT", packed[..5]),
            .. SampleFiles.PngChunk("IDAT", []), .. SampleFiles.PngChunk("IDAT", packed[5..]),
            .. SampleFiles.PngChunk("IEND", []),
        ];

        Assert.That(Png.Decode(file, "f").Pixels, Is.EqualTo(pixels));
    }

    [Test]
    public void Decode_Interlaced_SaysSo()
    {
        byte[] file = SampleFiles.PngFile(1, 1, 0, [0, 9], interlace: 1);

        var error = Assert.Throws<DatasetException>(() => Png.Decode(file, "photo.png"));

        Assert.That(error?.Message, Does.Contain("photo.png").And.Contain("interlacing").And.Contain("convert"));
    }

    [TestCase(16, 0)]
    [TestCase(1, 0)]
    [TestCase(8, 4)]
    [TestCase(8, 1)]
    public void Decode_OtherDepthOrColourType_IsRefused(int depth, int colour)
    {
        byte[] file = SampleFiles.PngFile(1, 1, (byte)colour, [0, 9, 9], depth: (byte)depth);

        Assert.That(() => Png.Decode(file, "f"), Throws.TypeOf<DatasetException>());
    }

    [Test]
    public void Decode_OneBitFlippedAnywhereInAChunk_FailsItsChecksum()
    {
        byte[] file = SampleFiles.PngFile(3, 3, 0, Filter(SampleFiles.Random(9, 1), 3, 1, _ => 1));

        for (int at = 8; at < file.Length; at++)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= 4;
            Assert.Throws<DatasetException>(() => Png.Decode(damaged, "f"), "byte " + at);
        }
    }

    [Test]
    public void Decode_HugeHeaderOnTinyData_IsRefusedWithoutAllocating()
    {
        byte[] file = SampleFiles.PngFile(65_000, 65_000, 2, new byte[100]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<DatasetException>(() => Png.Decode(file, "f"));

        Assert.That(error?.What, Is.EqualTo("the file claims more data than it can hold"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(300_000));
    }

    [Test]
    public void Encode_GreyAndColour_DecodesToTheSame([Values(1, 3)] int channels)
    {
        var shape = new ImageShape(9, 13, channels);
        byte[] noise = SampleFiles.Random(shape.Bytes, 2);
        var ramp = new byte[shape.Bytes];
        for (int i = 0; i < ramp.Length; i++) ramp[i] = (byte)(2 * i);

        byte[] rampFile = Png.Encode(ramp, shape);

        Assert.That(Png.Decode(Png.Encode(noise, shape), "f").Pixels, Is.EqualTo(noise));
        Assert.That(Png.Decode(rampFile, "f").Pixels, Is.EqualTo(ramp));
        Assert.That(Png.Decode(rampFile, "f").Shape, Is.EqualTo(shape));
    }

    [Test]
    public void Encode_AnyImage_HasChunksWithRightChecksums()
    {
        byte[] file = Png.Encode(SampleFiles.Random(12, 4), new ImageShape(2, 2, 3));

        var names = new List<string>();
        for (int at = 8; at < file.Length;)
        {
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            names.Add(System.Text.Encoding.ASCII.GetString(file, at + 4, 4));
            uint crc = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length));
            Assert.That(crc, Is.EqualTo(SampleFiles.SlowCrc(file.AsSpan(at + 4, length + 4))));
            at += 12 + length;
        }

        Assert.That(names, Is.EqualTo(new[] { "IHDR", "IDAT", "IEND" }));
        Assert.That(file.AsSpan(16, 8).ToArray(), Is.EqualTo(SampleFiles.BigEndian(2, 2)));
    }

    [Test]
    public void Encode_WrongChannelsOrLength_Throws()
    {
        Assert.Throws<ArgumentException>(() => Png.Encode(new byte[4], new ImageShape(1, 1, 4)));
        Assert.Throws<ArgumentException>(() => Png.Encode(new byte[4], new ImageShape(1, 3, 1)));
    }

    /// <summary>Filters as the specification states them, one line at a time.</summary>
    private static byte[] Filter(byte[] pixels, int stride, int step, Func<int, int> choose)
    {
        var lines = new List<byte>();
        for (int y = 0; y * stride < pixels.Length; y++)
        {
            int filter = choose(y);
            lines.Add((byte)filter);
            for (int x = 0; x < stride; x++)
            {
                int a = At(x - step, y), b = At(x, y - 1), c = At(x - step, y - 1);
                int paeth = a + b - c;
                int nearest = Math.Abs(paeth - a) <= Math.Abs(paeth - b) && Math.Abs(paeth - a) <= Math.Abs(paeth - c)
                    ? a
                    : Math.Abs(paeth - b) <= Math.Abs(paeth - c) ? b : c;
                int[] prediction = [0, a, b, (a + b) >> 1, nearest];
                lines.Add((byte)(At(x, y) - prediction[filter]));
            }
        }

        return [.. lines];

        int At(int x, int y) => x < 0 || y < 0 ? 0 : pixels[y * stride + x];
    }
}
