using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class AugmentTests
{
    [Test]
    public void Draw_CropAndFlip_IsUniformOverShiftsAndSides()
    {
        var counts = new Dictionary<(int, int, int), int>();
        var numbers = new int[3];
        const int Draws = 81_000;

        for (int i = 0; i < Draws; i++)
        {
            AugmentRecipe.Crop4Flip.Draw(5, i, 2, numbers);
            (int, int, int) key = (numbers[0], numbers[1], numbers[2]);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        // 162 outcomes, 500 each, deviation 22.3; five and a half of them.
        Assert.That(counts, Has.Count.EqualTo(162));
        Assert.That(counts.Values, Is.All.InRange(377, 623));
        Assert.That(counts.Keys.Select(k => k.Item1).Min(), Is.EqualTo(-4));
        Assert.That(counts.Keys.Select(k => k.Item2).Max(), Is.EqualTo(4));
    }

    [Test]
    public void Draw_SeedSampleAndEpoch_AreAllThatMatters()
    {
        Assert.That(Numbers(AugmentRecipe.Crop4Flip, 5, 7, 2), Is.EqualTo(Numbers(AugmentRecipe.Crop4Flip, 5, 7, 2)));
        Assert.That(Numbers(AugmentRecipe.Crop4, 5, 7, 2)[..2],
            Is.EqualTo(Numbers(AugmentRecipe.Crop4Flip, 5, 7, 2)[..2]), "flipping must not move the crop");
        string[] others = Enumerable.Range(0, 20).SelectMany(i => new[]
        {
            string.Join(',', Enumerable.Range(0, 8).SelectMany(e => Numbers(AugmentRecipe.Crop4Flip, 5, i, e))),
            string.Join(',', Enumerable.Range(0, 8).SelectMany(e => Numbers(AugmentRecipe.Crop4Flip, 6, i, e))),
        }).ToArray();
        Assert.That(others, Is.Unique);
    }

    [Test]
    public void Draw_WithoutFlipOrCrop_LeavesThemOut()
    {
        for (int i = 0; i < 200; i++)
        {
            Assert.That(Numbers(AugmentRecipe.None, 5, i, 0), Is.EqualTo(new[] { 0, 0, 0 }));
            Assert.That(Numbers(AugmentRecipe.Crop4, 5, i, 0)[2], Is.Zero);
        }
    }

    [Test]
    public void Apply_ShiftAndFlip_IsPadThenCropThenMirror([Values(-4, -1, 0, 3)] int dx, [Values(-2, 0, 4)] int dy,
        [Values(0, 1)] int flip)
    {
        var shape = new ImageShape(6, 5, 3);
        byte[] source = SampleFiles.Random(shape.Bytes, 3);
        var result = new byte[shape.Bytes];

        AugmentRecipe.Apply(source, shape, [dx, dy, flip], result);

        // The usual recipe literally: a frame of four zeros, a window at (4 + dy, 4 + dx), then mirrored.
        var padded = new byte[14, 13, 3];
        for (int y = 0; y < 6; y++)
            for (int x = 0; x < 5; x++)
                for (int c = 0; c < 3; c++) padded[y + 4, x + 4, c] = source[(y * 5 + x) * 3 + c];
        for (int y = 0; y < 6; y++)
            for (int x = 0; x < 5; x++)
                for (int c = 0; c < 3; c++)
                {
                    int column = flip == 1 ? 4 - x : x;
                    Assert.That(result[(y * 5 + x) * 3 + c], Is.EqualTo(padded[y + 4 + dy, column + 4 + dx, c]));
                }
    }

    [TestCase("none")]
    [TestCase("crop4")]
    [TestCase("crop4+flip")]
    public void Parse_KnownName_RoundTrips(string name)
    {
        Assert.That(AugmentRecipe.Parse(name).Name, Is.EqualTo(name));
    }

    [Test]
    public void Parse_OtherName_IsRefused()
    {
        Assert.Throws<DatasetException>(() => AugmentRecipe.Parse("flip"));
    }

    private static int[] Numbers(AugmentRecipe recipe, ulong seed, int id, int epoch)
    {
        var numbers = new int[3];
        recipe.Draw(seed, id, epoch, numbers);
        return numbers;
    }
}
