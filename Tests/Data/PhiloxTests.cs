using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class PhiloxTests
{
    // Known answers of the Random123 distribution (kat_vectors, philox4x32 with 10 rounds).
    [TestCase(0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x0000000000000000ul,
        0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xfffffffffffffffful,
        0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0x299f31d0a4093822ul,
        0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_KnownCounterAndKey_GivesPublishedWords(uint x, uint y, uint z, uint w, ulong key, uint a, uint b,
        uint c, uint d)
    {
        PhiloxBlock block = Philox4x32.Block(key, new PhiloxBlock(x, y, z, w));

        Assert.That(block, Is.EqualTo(new PhiloxBlock(a, b, c, d)));
    }

    [Test]
    public void NextBelow_BoundOfThree_IsUniform()
    {
        var stream = new PhiloxStream(7, DrawPurpose.EpochOrder, 0);
        var counts = new int[3];
        const int Draws = 30_000;

        for (int i = 0; i < Draws; i++) counts[stream.NextBelow(3)]++;

        // Standard deviation of a count is 82; five of them.
        Assert.That(counts, Is.All.InRange(Draws / 3 - 410, Draws / 3 + 410));
    }

    [Test]
    public void NextBelow_BoundOfThreeEighths_IsUniformThanksToRejection()
    {
        // 2^32 / bound is 8/3: without rejection two values in three would come up three times for the others' two.
        const int Bound = 3 << 29;
        var stream = new PhiloxStream(2, DrawPurpose.EpochOrder, 0);
        var counts = new int[3];
        const int Draws = 30_000;

        for (int i = 0; i < Draws; i++) counts[stream.NextBelow(Bound) % 3]++;

        Assert.That(counts, Is.All.InRange(Draws / 3 - 410, Draws / 3 + 410));
    }

    [Test]
    public void NextBelow_BoundNextToTwoToTheThirtyOne_RejectsAndStaysInRange()
    {
        var stream = new PhiloxStream(1, DrawPurpose.EpochOrder, 0);
        const int Bound = (1 << 30) + 1;
        double sum = 0;
        const int Draws = 20_000;

        for (int i = 0; i < Draws; i++)
        {
            int value = stream.NextBelow(Bound);
            Assert.That(value, Is.InRange(0, Bound - 1));
            sum += (double)value / Bound;
        }

        Assert.That(sum / Draws, Is.EqualTo(0.5).Within(5 / Math.Sqrt(12.0 * Draws)));
    }

    [Test]
    public void Shuffle_ThreeValues_ReachesEveryOrderEquallyOften()
    {
        var counts = new Dictionary<string, int>();
        const int Draws = 6_000;

        for (uint i = 0; i < Draws; i++)
        {
            int[] values = [0, 1, 2];
            new PhiloxStream(3, DrawPurpose.EpochOrder, i).Shuffle(values);
            string key = string.Concat(values);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        Assert.That(counts, Has.Count.EqualTo(6));
        Assert.That(counts.Values, Is.All.InRange(1000 - 145, 1000 + 145));
    }

    [Test]
    public void Next_OtherPurposeIndexOrEpoch_GivesOtherWords()
    {
        uint[] first =
        [
            new PhiloxStream(3, DrawPurpose.EpochOrder, 0).Next(),
            new PhiloxStream(3, DrawPurpose.Augment, 0).Next(),
            new PhiloxStream(3, DrawPurpose.EpochOrder, 1).Next(),
            new PhiloxStream(3, DrawPurpose.EpochOrder, 0, 1).Next(),
            new PhiloxStream(4, DrawPurpose.EpochOrder, 0).Next(),
            new PhiloxStream(3ul << 32, DrawPurpose.EpochOrder, 0).Next(),
        ];

        Assert.That(first, Is.Unique);
    }
}
