using System.Buffers.Binary;
using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class FormatTests
{
    [Test]
    public void Crc32_CheckValueAndRandomBytes_AgreesWithDefinition([Values(0, 1, 7, 8, 9, 1000)] int length)
    {
        byte[] bytes = SampleFiles.Random(length, 5);

        Assert.That(Crc32.Compute(bytes), Is.EqualTo(SampleFiles.SlowCrc(bytes)));
        Assert.That(Crc32.Compute("123456789"u8), Is.EqualTo(0xCBF43926u));
    }

    [Test]
    public void Idx_PlainAndGzip_GiveImagesAndLabels([Values] bool gzip)
    {
        byte[] pixels = SampleFiles.Random(2 * 3 * 4, 1);
        byte[] images = SampleFiles.IdxImages(2, 3, 4, pixels);
        byte[] labels = SampleFiles.IdxLabels([1, 0]);

        byte[] read = IdxFormat.ReadImages(gzip ? SampleFiles.Gzip(images) : images, "i", out int count,
            out ImageShape shape);
        int[] readLabels = IdxFormat.ReadLabels(gzip ? SampleFiles.Gzip(labels) : labels, 2, "l");

        Assert.That(read, Is.EqualTo(pixels));
        Assert.That((count, shape), Is.EqualTo((2, new ImageShape(3, 4, 1))));
        Assert.That(readLabels, Is.EqualTo(new[] { 1, 0 }));
    }

    [Test]
    public void Idx_LabelsWhereImagesBelong_SaysSwapped()
    {
        byte[] labels = SampleFiles.IdxLabels(new byte[12]);

        var error = Assert.Throws<DatasetException>(() => IdxFormat.ReadImages(labels, "f.gz", out _, out _));

        Assert.That(error?.Expected, Does.Contain("2051"));
        Assert.That(error?.Found, Is.EqualTo("2049"));
        Assert.That(error?.Fix, Does.Contain("swapped"));
        Assert.That(error?.Where, Is.EqualTo("f.gz"));
    }

    [Test]
    public void Idx_SizesBeyondTheFile_AreRefusedWithoutAllocating()
    {
        byte[] file = [.. SampleFiles.BigEndian(2051, 60_000, 28, 28), .. new byte[100]];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<DatasetException>(() => IdxFormat.ReadImages(file, "f", out _, out _));

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
    }

    [Test]
    public void Idx_GzipWithAWrongTrailer_IsRefused([Values(1, 5)] int fromEnd)
    {
        byte[] file = SampleFiles.Gzip(SampleFiles.IdxLabels([1, 0, 1]));
        file[^fromEnd] ^= 1;

        Assert.Throws<DatasetException>(() => IdxFormat.ReadLabels(file, 2, "f"));
    }

    [Test]
    public void Idx_TruncatedGzip_IsRefusedAtEveryLength()
    {
        byte[] file = SampleFiles.Gzip(SampleFiles.IdxImages(1, 5, 5, SampleFiles.Random(25, 3)));

        for (int length = 0; length < file.Length; length++)
            Assert.Throws<DatasetException>(() => IdxFormat.ReadImages(file.AsMemory(0, length), "f", out _, out _));
    }

    [Test]
    public void Gzip_ClaimWithinReason_CostsNoMoreThanTheDataBehindIt()
    {
        byte[] file = SampleFiles.Gzip(SampleFiles.Random(20_000, 3));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(file.Length - 4), 20_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<DatasetException>(() => Inflate.Gzip(file, "f"));

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(400_000));
    }

    [Test]
    public void Cifar_Planes_BecomeInterleavedPixels([Values(1, 2)] int labelBytes)
    {
        byte[] planes = SampleFiles.Random(3072, 2);
        byte[] file = SampleFiles.Cifar(labelBytes, (3, new byte[3072]), (9, planes));
        var pixels = new byte[2 * 3072];
        var labels = new int[2];

        CifarFormat.Read(file, labelBytes, 10, pixels, labels, "f");

        Assert.That(labels, Is.EqualTo(new[] { 3, 9 }));
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < 32; y++)
                for (int x = 0; x < 32; x++)
                    Assert.That(pixels[3072 + (y * 32 + x) * 3 + c], Is.EqualTo(planes[c * 1024 + y * 32 + x]));
    }

    [Test]
    public void Cifar_PartOfARecordOrALabelTooLarge_IsRefused()
    {
        byte[] file = SampleFiles.Cifar(1, (10, new byte[3072]));

        Assert.Throws<DatasetException>(() => CifarFormat.CountRecords(file.Length - 1, 1, "f"));
        var error = Assert.Throws<DatasetException>(
            () => CifarFormat.Read(file, 1, 10, new byte[3072], new int[1], "f"));
        Assert.That(error?.Expected, Is.EqualTo("0 to 9"));
    }

    [Test]
    public void Stl_ColumnMajorPlanes_AreReducedByArea()
    {
        byte[] file = SampleFiles.Random(2 * StlFormat.SourceBytes, 4);

        byte[] pixels = StlFormat.ReadImages(file, "f");

        // The mean over the area of every output pixel, in doubles, over source pixels cut into thirds.
        for (int image = 0; image < 2; image++)
            for (int c = 0; c < 3; c++)
                for (int y = 0; y < 64; y++)
                    for (int x = 0; x < 64; x++)
                        Assert.That(pixels[image * 12288 + (y * 64 + x) * 3 + c],
                            Is.EqualTo((byte)Math.Round(AreaMean(file, image, c, y, x))));

        static double AreaMean(byte[] file, int image, int c, int y, int x)
        {
            double sum = 0;
            for (int sub = 0; sub < 9; sub++)
            {
                int row = (3 * y + sub / 3) / 2, column = (3 * x + sub % 3) / 2;
                sum += file[image * 27648 + c * 9216 + column * 96 + row];
            }

            return sum / 9;
        }
    }

    [Test]
    public void Stl_LabelsFromOneToTen_BecomeZeroToNine()
    {
        int[] labels = StlFormat.ReadLabels([1, 10, 4], 3, 10, "f");

        Assert.That(labels, Is.EqualTo(new[] { 0, 9, 3 }));
        Assert.Throws<DatasetException>(() => StlFormat.ReadLabels([0, 1, 2], 3, 10, "f"));
        Assert.Throws<DatasetException>(() => StlFormat.ReadLabels([11, 1, 2], 3, 10, "f"));
        Assert.Throws<DatasetException>(() => StlFormat.ReadLabels([1, 2], 3, 10, "f"));
    }

    [Test]
    public void Svhn_PlainAndCompressed_GiveRowsAndLabels([Values] bool compressed)
    {
        byte[] x = SampleFiles.Random(3 * 3072, 6);
        byte[] file = SampleFiles.MatFile(x, [10, 3, 9], compressed);

        (byte[] pixels, int[] labels) = SvhnFormat.Read(file, "f");

        Assert.That(labels, Is.EqualTo(new[] { 0, 3, 9 }));
        for (int n = 0; n < 3; n++)
            for (int c = 0; c < 3; c++)
                for (int row = 0; row < 32; row++)
                    for (int column = 0; column < 32; column++)
                        Assert.That(pixels[((n * 32 + row) * 32 + column) * 3 + c],
                            Is.EqualTo(x[row + 32 * column + 1024 * c + 3072 * n]));
    }

    [Test]
    public void Svhn_ValuesThatDoNotFillTheDimensions_AreRefused([Values(-1, 1)] int extra)
    {
        byte[] header = SampleFiles.MatFile([], [1], compressed: false)[..128];
        byte[] x = SampleFiles.MatMatrix("X", [32, 32, 3, 2], new byte[2 * 3072 + extra]);
        byte[] y = SampleFiles.MatMatrix("y", [2, 1], [1, 2]);

        Assert.That(() => SvhnFormat.Read((byte[])[.. header, .. x, .. y], "f"),
            Throws.TypeOf<DatasetException>().With.Message.Contains("do not fill"));
    }

    [Test]
    public void Svhn_ArrayMissing_NamesWhatIsThere()
    {
        byte[] file = SampleFiles.MatFile(new byte[2 * 3072], [1, 2], compressed: false);
        int at = file.AsSpan().LastIndexOf((byte)'y');
        file[at] = (byte)'z';

        var error = Assert.Throws<DatasetException>(() => SvhnFormat.Read(file, "f"));

        Assert.That(error?.Message, Does.Contain("y is missing").And.Contain("X, z"));
    }

    [Test]
    public void Pnm_GreyAndColourWithComments_AreRead()
    {
        byte[] colour = [.. "P6 # a comment\n2\t1\n#another\n255\n"u8, 1, 2, 3, 10, 35, 13];
        byte[] grey = [.. "P5\n1 2 255 "u8, 7, 8];

        RasterImage rgb = PnmFormat.Read(colour, "f");
        RasterImage single = PnmFormat.Read(grey, "f");

        Assert.That(rgb.Shape, Is.EqualTo(new ImageShape(1, 2, 3)));
        Assert.That(rgb.Pixels, Is.EqualTo(new byte[] { 1, 2, 3, 10, 35, 13 }));
        Assert.That(single.Shape, Is.EqualTo(new ImageShape(2, 1, 1)));
        Assert.That(single.Pixels, Is.EqualTo(new byte[] { 7, 8 }));
    }

    [TestCase("P6 2 1 255\n12345")]
    [TestCase("P6 2 1 255\n1234567")]
    [TestCase("P3 1 1 255\n123")]
    [TestCase("P6 0 1 255\n")]
    [TestCase("P6 99999999999 1 255\n")]
    [TestCase("P5 1 1 65535\n11")]
    [TestCase("P5 1 -1 255\n1")]
    [TestCase("P5 1 1")]
    [TestCase("P5# 1 1 255")]
    public void Pnm_DamagedHeaderOrLength_IsRefused(string file)
    {
        Assert.Throws<DatasetException>(() => PnmFormat.Read(System.Text.Encoding.ASCII.GetBytes(file), "f"));
    }
}
