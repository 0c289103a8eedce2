using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ClassSamplerTests
{
    private const int Batch = 50;

    /// <summary>300 images; class 0 has 200, class 1 none, classes 2 and 3 have 50 each.</summary>
    private static readonly MemoryDataset s_images = new("d", new ImageShape(1, 1, 1), ["a", "b", "c", "d"], new byte[300],
        Enumerable.Range(0, 300).Select(i => i % 3 < 2 ? 0 : i % 2 == 0 ? 2 : 3).ToArray());

    [Test]
    public void Fill_ManyBatches_FollowSharesAndImagesOfAClassAlike()
    {
        var sampler = new ClassSampler(s_images, Batch, 5);
        sampler.SetShares([1, 0, 0, 3]);
        var (classes, images) = (new int[4], new int[300]);
        const int Batches = 600, Draws = Batches * Batch;

        foreach (var position in Enumerable.Range(0, Batches).SelectMany(i => Take(sampler, i / 6, i % 6)))
        {
            classes[s_images.Label(position)]++;
            images[position]++;
        }

        Assert.That(classes[1] + classes[2], Is.Zero);
        Assert.That(classes[3], Is.EqualTo(0.75 * Draws).Within(5 * Math.Sqrt(0.75 * 0.25 * Draws)));
        var own = images.Where((_, i) => s_images.Label(i) == 3).ToArray();
        Assert.That(own, Is.All.InRange(classes[3] / 50 - 5 * Math.Sqrt(classes[3] / 50), classes[3] / 50 + 5 * Math.Sqrt(classes[3] / 50)));
    }

    [Test]
    public void Fill_AnyPointInAnyOrder_DependsOnSeedEpochBatchAndShares()
    {
        var (first, second) = (new ClassSampler(s_images, Batch, 5), new ClassSampler(s_images, Batch, 5));
        var there = (from epoch in Enumerable.Range(0, 3) from batch in Enumerable.Range(0, 6) select Take(first, epoch, batch)).ToArray();
        var back = (from i in Enumerable.Range(0, 18).Reverse() select Take(second, i / 6, i % 6)).Reverse().ToArray();

        Assert.That(back, Is.EqualTo(there));
        Assert.That(there.Select(b => string.Join(',', b)), Is.Unique);
        Assert.That(Take(new ClassSampler(s_images, Batch, 6), 0, 0), Is.Not.EqualTo(there[0]));
        second.SetShares([1, 0, 9, 0]);
        Assert.That(Take(second, 0, 0), Is.Not.EqualTo(there[0]));
    }

    [Test]
    public void DrawId_WholeEpoch_IsUnique()
    {
        var sampler = new ClassSampler(s_images, Batch, 5);

        var ids = Enumerable.Range(0, sampler.BatchesPerEpoch * Batch).Select(i => sampler.DrawId(i / Batch, i % Batch, sampleId: 7));

        Assert.That(ids, Is.Unique);
        Assert.That(((IBatchSampler)new BatchSampler(300, Batch, 5)).DrawId(3, 4, sampleId: 7), Is.EqualTo(7));
    }

    [TestCase(new[] { 1.0, 0, 1 })]
    [TestCase(new[] { 1.0, 0.1, 1, 1 })]
    [TestCase(new[] { 1.0, 0, -1, 1 })]
    [TestCase(new[] { 1.0, 0, double.NaN, 1 })]
    [TestCase(new[] { 0.0, 0, 0, 0 })]
    public void SetShares_NotADistribution_IsRefusedAndChangesNothing(double[] shares)
    {
        var sampler = new ClassSampler(s_images, Batch, 5);
        var before = Take(sampler, 0, 0);

        Assert.Throws<ArgumentException>(() => sampler.SetShares(shares));
        Assert.That(Take(sampler, 0, 0), Is.EqualTo(before));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Loader_WithOneSlot_DrawsABatchAfterTheOneBeforeIsReturned()
    {
        var sampler = new ClassSampler(s_images, Batch, 5);
        using var loader = new BatchLoader(new BatchLoaderOptions { Dataset = s_images, Sampler = sampler, Slots = 1, EndEpoch = 1 });
        double[][] shares = [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
        var first = loader.Next()!;
        sampler.SetShares(shares[0]);
        loader.Return(first);

        for (var i = 1; i < 5; i++)
        {
            var slot = loader.Next()!;
            Assert.That(slot.Labels.ToArray(), Is.All.EqualTo(Array.IndexOf(shares[(i - 1) % 3], 1.0)));
            Assert.That(slot.SampleIds.ToArray(), Is.EqualTo(Enumerable.Range(i * Batch, Batch)));
            sampler.SetShares(shares[i % 3]);
            loader.Return(slot);
        }
    }

    private static int[] Take(ClassSampler sampler, int epoch, int batch)
    {
        var positions = new int[Batch];
        sampler.Fill(epoch, batch, positions);
        return positions;
    }
}
