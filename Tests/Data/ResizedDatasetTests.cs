using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Area averaging against numbers worked out by hand.</summary>
internal sealed class ResizedDatasetTests
{
    [Test]
    public void Read_HalfTheSize_IsTheMeanOfEveryBlock()
    {
        byte[] image =
        [
            1, 2, 100, 200,
            3, 4, 50, 50,
            255, 255, 0, 0,
            255, 255, 0, 1,
        ];

        // 10/4 = 2.5 is rounded up, 400/4 and 255 are exact, 1/4 is rounded down.
        Assert.That(Resized(image, 4, 4, 2, 2), Is.EqualTo(new byte[] { 3, 100, 255, 0 }));
    }

    [Test]
    public void Read_SizeThatDoesNotDivide_SharesPixelsByTheirArea()
    {
        byte[] image =
        [
            9, 27, 0,
            0, 18, 0,
            0, 0, 90,
        ];

        // An output pixel covers 1.5 by 1.5: its corner by 1/(1.5 1.5) = 4/9, the edges by 2/9, the centre by 1/9.
        // 4 + 6 + 2, 6 + 2, 2, 2 + 40.
        Assert.That(Resized(image, 3, 3, 2, 2), Is.EqualTo(new byte[] { 12, 8, 2, 42 }));
    }

    [Test]
    public void Read_Larger_RepeatsPixelsAndMixesWhereOnesEdgeFallsInside() =>
        Assert.That(Resized([10, 20, 30, 50], 2, 2, 3, 4), Is.EqualTo(new byte[]
        {
            10, 10, 20, 20,
            20, 20, 35, 35,
            30, 30, 50, 50,
        }));

    [Test]
    public void Read_HeightAndWidthAndChannels_AreNotMixedUp()
    {
        // Two rows of three pixels of three channels, one row of three pixels after it.
        byte[] image =
        [
            0, 100, 200, 10, 110, 210, 20, 120, 220,
            2, 102, 202, 16, 116, 216, 30, 130, 230,
        ];

        Assert.That(Resized(image, 2, 3, 1, 3, channels: 3),
            Is.EqualTo(new byte[] { 1, 101, 201, 13, 113, 213, 25, 125, 225 }));
        Assert.That(Resized(image, 2, 3, 2, 1, channels: 3),
            Is.EqualTo(new byte[] { 10, 110, 210, 16, 116, 216 }));
    }

    [TestCase(96, 32)]
    [TestCase(64, 32)]
    [TestCase(7, 7)]
    [TestCase(5, 13)]
    public void Read_OneColour_StaysIt(int from, int to) =>
        Assert.That(Resized([.. Enumerable.Repeat((byte)255, from * from)], from, from, to, to),
            Is.EqualTo(Enumerable.Repeat((byte)255, to * to)));

    [Test]
    public void Read_SameSize_IsTheImage()
    {
        byte[] image = SampleFiles.Random(6 * 5 * 3, seed: 4);

        Assert.That(Resized(image, 6, 5, 6, 5, channels: 3), Is.EqualTo(image));
    }

    [Test]
    public void Everything_ButTheSize_IsThatOfTheSource()
    {
        var source = new MemoryDataset("other", new ImageShape(2, 2, 1), ["a", "b"],
            [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8], [1, 0, 1]);
        var resized = new ResizedDataset(new Subset(source, [2, 1]), 1, 3);

        Assert.That(resized.Shape, Is.EqualTo(new ImageShape(1, 3, 1)));
        Assert.That((resized.Name, resized.Count, resized.Classes), Is.EqualTo(("other", 2, 2)));
        Assert.That(resized.ClassNames, Is.EqualTo(source.ClassNames));
        Assert.That(SmallData.Labels(resized), Is.EqualTo(new[] { 1, 0 }));
        Assert.That((resized.SampleId(0), resized.SampleId(1)), Is.EqualTo((2, 1)));
        Assert.That(SmallData.Pixels(resized), Is.EqualTo(new byte[] { 8, 8, 8, 4, 4, 4 }));
    }

    private static byte[] Resized(byte[] image, int height, int width, int toHeight, int toWidth, int channels = 1)
    {
        var source = new MemoryDataset("one", new ImageShape(height, width, channels), ["a"], image, [0]);
        return SmallData.Pixels(new ResizedDataset(source, toHeight, toWidth));
    }
}
