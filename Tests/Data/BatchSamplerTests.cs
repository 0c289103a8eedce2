using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class BatchSamplerTests
{
    [Test]
    public void Order_AnyEpoch_IsAPermutation()
    {
        var sampler = new BatchSampler(1000, 128, 3);

        for (int epoch = 0; epoch < 3; epoch++)
            Assert.That(sampler.Order(epoch).ToArray(), Is.EquivalentTo(Enumerable.Range(0, 1000)));
    }

    [Test]
    public void Fill_AnyPointInAnyOrder_DependsOnSeedAndEpochAlone()
    {
        var forwards = new BatchSampler(100, 30, 8);
        var resumed = new BatchSampler(100, 30, 8);
        var batches = new Dictionary<(int, int), int[]>();
        for (int epoch = 0; epoch < 3; epoch++)
            for (int batch = 0; batch < 3; batch++) batches[(epoch, batch)] = Take(forwards, epoch, batch);

        for (int epoch = 2; epoch >= 0; epoch--)
            for (int batch = 2; batch >= 0; batch--)
                Assert.That(Take(resumed, epoch, batch), Is.EqualTo(batches[(epoch, batch)]));
        Assert.That(batches[(0, 0)], Is.Not.EqualTo(batches[(1, 0)]));
        Assert.That(Take(new BatchSampler(100, 30, 9), 0, 0), Is.Not.EqualTo(batches[(0, 0)]));
    }

    [Test]
    public void Fill_WholeEpoch_DropsThePartialBatchOnly()
    {
        var sampler = new BatchSampler(100, 30, 8);

        var seen = Enumerable.Range(0, sampler.BatchesPerEpoch).SelectMany(b => Take(sampler, 0, b)).ToArray();

        Assert.That(sampler.BatchesPerEpoch, Is.EqualTo(3));
        Assert.That(seen, Has.Length.EqualTo(90).And.Unique);
        Assert.Throws<ArgumentOutOfRangeException>(() => Take(sampler, 0, 3));
    }

    [Test]
    public void Order_ManyEpochs_PutsEveryImageEverywhere()
    {
        var sampler = new BatchSampler(5, 1, 77);
        var counts = new int[25];
        const int Epochs = 5000;

        for (int epoch = 0; epoch < Epochs; epoch++)
            for (int i = 0; i < 5; i++) counts[sampler.Order(epoch)[i] * 5 + i]++;

        Assert.That(counts, Is.All.InRange(1000 - 142, 1000 + 142));
    }

    [Test]
    public void Constructor_FewerImagesThanABatch_IsRefused()
    {
        Assert.Throws<DatasetException>(() => _ = new BatchSampler(127, 128, 0));
    }

    [Test]
    public void Sequential_LastBatch_IsShort()
    {
        var sampler = new SequentialSampler(10, 4);
        var positions = new int[4];

        Assert.That(sampler.BatchesPerEpoch, Is.EqualTo(3));
        Assert.That(sampler.Fill(0, 1, positions), Is.EqualTo(4));
        Assert.That(positions, Is.EqualTo(new[] { 4, 5, 6, 7 }));
        Assert.That(sampler.Fill(0, 2, positions), Is.EqualTo(2));
        Assert.That(positions[..2], Is.EqualTo(new[] { 8, 9 }));
    }

    private static int[] Take(BatchSampler sampler, int epoch, int batch)
    {
        var positions = new int[sampler.BatchSize];
        sampler.Fill(epoch, batch, positions);
        return positions;
    }
}
