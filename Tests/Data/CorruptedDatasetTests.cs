using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Corrupted images against what each kind is defined to do.</summary>
internal sealed class CorruptedDatasetTests
{
    private static readonly ImageShape s_shape = new(12, 10, 3);

    [Test]
    public void Read_AnyKind_DependsOnSeedAndSampleOnly([Values] CorruptionKind kind, [Values(1, 2, 3)] int severity)
    {
        var images = Images(random: 4, count: 6);
        var corruption = new Corruption(kind, severity);
        var all = new CorruptedDataset(images, corruption, 9);
        var some = new CorruptedDataset(new Subset(images, [5, 2]), corruption, 9);

        Assert.That(Read(some, 1), Is.EqualTo(Read(all, 2)));
        Assert.That(Read(all, 2), Is.EqualTo(Read(all, 2)));
        Assert.That(Read(all, 2), Is.Not.EqualTo(Read(images, 2)));
        Assert.That((all.Count, all.Label(3), all.SampleId(3), all.Classes), Is.EqualTo((6, images.Label(3), 3, images.Classes)));
        if (kind is CorruptionKind.Noise)
            Assert.That(Read(new CorruptedDataset(images, corruption, 10), 2), Is.Not.EqualTo(Read(all, 2)));
    }

    [TestCase(1, 0.04)]
    [TestCase(2, 0.08)]
    [TestCase(3, 0.12)]
    public void Read_Noise_HasTheStatedDeviation(int severity, double deviation)
    {
        var images = Constant(128, count: 60);
        var noisy = new CorruptedDataset(images, new Corruption(CorruptionKind.Noise, severity), 1);

        var differences = Enumerable.Range(0, 60).SelectMany(i => Read(noisy, i)).Select(v => (v - 128) / 255.0).ToArray();

        Assert.That(differences.Average(), Is.EqualTo(0).Within(4 * deviation / Math.Sqrt(differences.Length)));
        Assert.That(Math.Sqrt(differences.Average(d => d * d)), Is.EqualTo(deviation).Within(2).Percent);
    }

    [Test]
    public void Read_Contrast_ShrinksDistancesToTheMeanOfTheImage([Values(1, 2, 3)] int severity)
    {
        var images = Images(random: 3, count: 1);
        var (source, share) = (Read(images, 0), new[] { 0.7, 0.45, 0.25 }[severity - 1]);
        var mean = source.Average(v => (double)v);

        var flat = Read(new CorruptedDataset(images, new Corruption(CorruptionKind.Contrast, severity), 0), 0);

        for (var i = 0; i < flat.Length; i++) Assert.That(flat[i], Is.EqualTo(mean + share * (source[i] - mean)).Within(0.5 + 1e-9));
    }

    [Test]
    public void Read_Blur_KeepsConstantsAndSpreadsAPointSymmetrically([Values(1, 2, 3)] int severity)
    {
        var corruption = new Corruption(CorruptionKind.Blur, severity);
        var point = new byte[s_shape.Bytes];
        point[(6 * s_shape.Width + 5) * 3 + 1] = 255;

        var flat = Read(new CorruptedDataset(Constant(77, 1), corruption, 0), 0);
        var spread = Read(new CorruptedDataset(One(point), corruption, 0), 0);

        Assert.That(flat, Has.All.EqualTo(77));
        Assert.That(At(spread, 6, 4, 1), Is.EqualTo(At(spread, 6, 6, 1)).And.EqualTo(At(spread, 5, 5, 1)).And.Positive);
        Assert.That(At(spread, 6, 5, 1), Is.GreaterThan(At(spread, 6, 4, 1)).And.LessThan(255));
        Assert.That(Enumerable.Range(0, s_shape.Bytes).Where(i => i % 3 != 1).Select(i => spread[i]), Has.All.Zero);
        var sigma = new[] { 0.6, 1.0, 1.6 }[severity - 1];
        Assert.That((double)At(spread, 6, 4, 1) / At(spread, 6, 5, 1), Is.EqualTo(Math.Exp(-0.5 / (sigma * sigma))).Within(0.03));
    }

    [Test]
    public void Read_Shift_MovesEveryPixelByOneOfEightSteps([Values(1, 2, 3)] int severity)
    {
        var images = Images(random: 8, count: 64);
        var (moved, distance) = (new CorruptedDataset(images, new Corruption(CorruptionKind.Shift, severity), 2), new[] { 1, 2, 4 }[severity - 1]);
        var directions = new HashSet<(int, int)>();
        for (var n = 0; n < 64; n++)
        {
            var (source, found) = (Read(images, n), Read(moved, n));
            var fits = Enumerable.Range(0, 9).Select(d => (Y: d / 3 - 1, X: d % 3 - 1)).Where(d => d != (0, 0) && Matches(source, found, d.Y * distance, d.X * distance)).ToArray();
            Assert.That(fits, Has.Length.EqualTo(1), $"image {n}");
            directions.Add(fits[0]);
        }
        Assert.That(directions, Has.Count.EqualTo(8));
    }

    [Test]
    public void Read_Rotation_KeepsTheCentreAndTurnsALineByTheStatedAngle([Values(1, 2, 3)] int severity)
    {
        var shape = new ImageShape(41, 41, 1);
        var pixels = new byte[shape.Bytes];
        for (var x = 0; x < 41; x++) pixels[20 * 41 + x] = 255;
        var line = new MemoryDataset("synthetic", shape, ["a"], pixels, [0], "");
        var turned = new byte[shape.Bytes];
        new CorruptedDataset(line, new Corruption(CorruptionKind.Rotation, severity), 5).Read(0, turned);

        // The height at which the line crosses a column, as the mean weighted by brightness.
        double Crossing(int x) => Enumerable.Range(0, 41).Sum(y => (double)y * turned[y * 41 + x]) / Enumerable.Range(0, 41).Sum(y => (double)turned[y * 41 + x]);
        var slope = (Crossing(30) - Crossing(10)) / 20;
        Assert.That(turned[20 * 41 + 20], Is.EqualTo(255));
        Assert.That(Math.Abs(Math.Atan(slope)) * 180 / Math.PI, Is.EqualTo(new[] { 6.0, 12, 20 }[severity - 1]).Within(0.5));
    }

    [TestCase(0)]
    [TestCase(4)]
    public void Constructor_SeverityOutOfRange_Throws(int severity) => Assert.Throws<ArgumentOutOfRangeException>(() =>
        _ = new CorruptedDataset(Constant(0, 1), new Corruption(CorruptionKind.Blur, severity), 0));

    private static bool Matches(byte[] source, byte[] found, int dy, int dx)
    {
        for (var y = 0; y < s_shape.Height; y++)
            for (var x = 0; x < s_shape.Width; x++)
                for (var c = 0; c < 3; c++)
                    if (At(found, y, x, c) != At(source, Math.Clamp(y - dy, 0, s_shape.Height - 1), Math.Clamp(x - dx, 0, s_shape.Width - 1), c)) return false;
        return true;
    }

    private static byte At(byte[] image, int y, int x, int c) => image[(y * s_shape.Width + x) * 3 + c];

    private static byte[] Read(IDataset images, int index)
    {
        var pixels = new byte[images.Shape.Bytes];
        images.Read(index, pixels);
        return pixels;
    }

    private static MemoryDataset One(byte[] pixels) => new("synthetic", s_shape, ["a", "b"], pixels, [0], "");

    private static MemoryDataset Constant(byte value, int count) => new("synthetic", s_shape, ["a", "b"],
        [.. Enumerable.Repeat(value, count * s_shape.Bytes)], new int[count], "");

    private static MemoryDataset Images(int random, int count)
    {
        var pixels = new byte[count * s_shape.Bytes];
        new Random(random).NextBytes(pixels);
        return new MemoryDataset("synthetic", s_shape, ["a", "b"], pixels, [.. Enumerable.Range(0, count).Select(i => i % 2)], "");
    }
}
