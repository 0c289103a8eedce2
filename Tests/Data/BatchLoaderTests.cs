using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

[CancelAfter(60_000)]
internal sealed class BatchLoaderTests
{
    private static readonly ImageShape s_shape = new(4, 3, 3);

    [Test]
    public void Next_WholeRun_GivesEveryBatchWithItsData()
    {
        MemoryDataset data = CreateData(50);
        Subset subset = new(data, Enumerable.Range(10, 35).ToArray());
        using BatchLoader loader = Create(subset, 8, endEpoch: 3);
        var expected = new BatchSampler(35, 8, 4);
        var positions = new int[8];
        var image = new byte[s_shape.Bytes];
        var numbers = new int[3];

        for (int step = 0; step < 12; step++)
        {
            BatchSlot slot = loader.Next() ?? throw new AssertionException("ended early");
            expected.Fill(step / 4, step % 4, positions);
            Assert.That((slot.Epoch, slot.Batch, slot.Count), Is.EqualTo((step / 4, step % 4, 8)));
            for (int i = 0; i < 8; i++)
            {
                int id = 10 + positions[i];
                data.Read(id, image);
                AugmentRecipe.Crop4Flip.Draw(6, id, step / 4, numbers);
                Assert.That(slot.SampleIds[i], Is.EqualTo(id));
                Assert.That(slot.Labels[i], Is.EqualTo(data.Label(id)));
                Assert.That(slot.Pixels.Slice(i * s_shape.Bytes, s_shape.Bytes).SequenceEqual(image));
                Assert.That(slot.Augment.Slice(3 * i, 3).SequenceEqual(numbers));
            }

            loader.Return(slot);
        }

        Assert.That(loader.Next(), Is.Null);
        Assert.That(loader.Next(), Is.Null, "the end stays the end");
    }

    [Test]
    public void Next_LayoutWithoutPixels_LeavesThemOutAndHasRoomForMore()
    {
        MemoryDataset data = CreateData(40);
        var layout = new BatchLayout(8, s_shape, hasPixels: false, extraBytes: 12);
        using var whole = new BatchLoader(Options(data, 8));
        using var loader = new BatchLoader(Options(data, 8) with { Layout = layout });

        BatchSlot slot = loader.Next()!, other = whole.Next()!; // five batches each

        Assert.That(slot.Pixels.IsEmpty);
        Assert.That(slot.Extra.Length, Is.EqualTo(12));
        slot.Extra.Fill(255);
        Assert.That(slot.Labels.SequenceEqual(other.Labels) && slot.SampleIds.SequenceEqual(other.SampleIds)
            && slot.Augment.SequenceEqual(other.Augment));
        Assert.That(slot.Memory.Length, Is.LessThanOrEqualTo(4 * 256));
    }

    [TestCase(7)]
    [TestCase(8)]
    public void Constructor_LayoutOfOtherBatches_IsRefused(int batch)
    {
        var layout = new BatchLayout(batch, batch == 8 ? new ImageShape(3, 4, 3) : s_shape);

        Assert.That(() => new BatchLoader(Options(CreateData(40), 8) with { Layout = layout }), Throws.ArgumentException);
    }

    [Test]
    public void Next_ResumedInTheMiddle_GoesOnWithTheSameBatches()
    {
        MemoryDataset data = CreateData(40);
        List<string> whole = Trace(Create(data, 8, endEpoch: 3));
        List<string> rest = Trace(Create(data, 8, endEpoch: 3, startEpoch: 1, startBatch: 2));

        Assert.That(rest, Is.EqualTo(whole.Skip(7)));
    }

    [Test]
    public void Next_NumberOfSlots_DoesNotChangeTheBatches()
    {
        MemoryDataset data = CreateData(40);

        List<string> few = Trace(Create(data, 8, endEpoch: 2, slots: 2));
        List<string> many = Trace(Create(data, 8, endEpoch: 2, slots: 7));

        Assert.That(few, Is.EqualTo(many));
    }

    [Test]
    public void Next_Evaluation_EndsWithAShortBatch()
    {
        MemoryDataset data = CreateData(10);
        using var loader = new BatchLoader(new BatchLoaderOptions
        {
            Dataset = data, Sampler = new SequentialSampler(10, 4), EndEpoch = 1,
        });
        var counts = new List<int>();

        while (loader.Next() is { } slot)
        {
            counts.Add(slot.Count);
            Assert.That(slot.SampleIds[0], Is.EqualTo(4 * (counts.Count - 1)));
            loader.Return(slot);
        }

        Assert.That(counts, Is.EqualTo(new[] { 4, 4, 2 }));
    }

    [Test]
    public void Memory_InjectedPinnedBlocks_AreWhatBatchesLieIn()
    {
        MemoryDataset data = CreateData(16);
        var layout = new BatchLayout(8, s_shape);
        byte[][] blocks = Enumerable.Range(0, 3)
            .Select(_ => GC.AllocateArray<byte>(layout.TotalBytes + 64, pinned: true)).ToArray();
        using BatchLoader loader = Create(data, 8, endEpoch: 1, slots: 3, memory: i => blocks[i]);

        BatchSlot slot = loader.Next() ?? throw new AssertionException("no batch");

        Assert.That(slot.Index, Is.Zero);
        Assert.That(blocks[0].AsSpan(0, layout.PixelBytes).SequenceEqual(slot.Pixels));
        Assert.That(BitConverter.ToInt32(blocks[0], layout.LabelsOffset + 4), Is.EqualTo(slot.Labels[1]));
        Assert.That(BitConverter.ToInt32(blocks[0], layout.SampleIdsOffset), Is.EqualTo(slot.SampleIds[0]));
        Assert.That(BitConverter.ToInt32(blocks[0], layout.AugmentOffset + 4), Is.EqualTo(slot.Augment[1]));
        Assert.That(new[] { layout.LabelsOffset % 256, layout.SampleIdsOffset % 256, layout.AugmentOffset % 256 },
            Is.All.Zero);
    }

    [Test]
    public void Constructor_MemoryTooSmall_Throws()
    {
        Assert.Throws<ArgumentException>(() => Create(CreateData(16), 8, endEpoch: 1, memory: _ => new byte[10]));
    }

    [Test]
    public void Next_SteadyState_AllocatesNothing()
    {
        var data = new MeasuringDataset(CreateData(64));
        using BatchLoader loader = Create(data, 8, endEpoch: int.MaxValue);
        for (int i = 0; i < 500; i++) Pass(loader);
        long consumer = GC.GetAllocatedBytesForCurrentThread();
        long worker = data.AllocatedByReader;

        for (int i = 0; i < 5000; i++) Pass(loader);

        long consumerAfter = GC.GetAllocatedBytesForCurrentThread();
        long workerAfter = data.AllocatedByReader;
        Assert.That(consumerAfter - consumer, Is.Zero);
        Assert.That(workerAfter - worker, Is.Zero);
    }

    [Test]
    public void Next_SlotsInUse_DoNotChangeUntilReturned()
    {
        using BatchLoader loader = Create(CreateData(64), 8, endEpoch: 2, slots: 3);
        BatchSlot first = loader.Next() ?? throw new AssertionException("no batch");
        byte[] pixels = first.Pixels.ToArray();
        BatchSlot second = loader.Next() ?? throw new AssertionException("no batch");
        BatchSlot third = loader.Next() ?? throw new AssertionException("no batch");

        Assert.Throws<InvalidOperationException>(() => loader.Next(), "every slot is out");
        Assert.Throws<InvalidOperationException>(() => loader.Return(second), "not the oldest");
        Assert.That(first.Pixels.SequenceEqual(pixels));
        loader.Return(first);
        Assert.Throws<InvalidOperationException>(() => loader.Return(first), "twice");
        loader.Return(second);
        loader.Return(third);
        Assert.That(loader.Next()?.Batch, Is.EqualTo(3));
    }

    [Test]
    public void Next_DatasetThrows_SurfacesAfterTheGoodBatches()
    {
        var data = new FailingDataset(CreateData(64), failAt: 20);
        using var loader = new BatchLoader(new BatchLoaderOptions
        {
            Dataset = data, Sampler = new SequentialSampler(64, 8), EndEpoch = 1,
        });

        for (int i = 0; i < 2; i++) Pass(loader);

        Assert.That(Assert.Throws<IOException>(() => loader.Next())?.Message, Is.EqualTo("image 20"));
        Assert.Throws<IOException>(() => loader.Next(), "a failure stays");
    }

    [Test]
    public void Next_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        using var block = new ManualResetEventSlim();
        using var loader = new BatchLoader(new BatchLoaderOptions
        {
            Dataset = new BlockingDataset(CreateData(64), block), Sampler = new SequentialSampler(64, 8), EndEpoch = 1,
        }, cancel.Token);
        using var timer = new Timer(_ => cancel.Cancel(), null, 20, Timeout.Infinite);

        Assert.That(() => loader.Next(), Throws.InstanceOf<OperationCanceledException>());

        block.Set();
    }

    [Test]
    public void Dispose_InEveryState_Returns()
    {
        for (int taken = 0; taken < 4; taken++)
        {
            BatchLoader loader = Create(CreateData(64), 8, endEpoch: int.MaxValue);
            for (int i = 0; i < taken; i++) Assert.That(loader.Next(), Is.Not.Null);
            loader.Dispose();
            loader.Dispose();
            Assert.Throws<ObjectDisposedException>(() => loader.Next());
        }

        BatchLoader finished = Create(CreateData(8), 8, endEpoch: 1);
        Pass(finished);
        Assert.That(finished.Next(), Is.Null);
        finished.Dispose();
    }

    [Test]
    public void Constructor_StartOutsideTheEpoch_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(CreateData(16), 8, endEpoch: 1, startBatch: 2));
    }

    private static void Pass(BatchLoader loader)
    {
        BatchSlot? slot = loader.Next();
        if (slot is not null) loader.Return(slot);
    }

    private static List<string> Trace(BatchLoader loader)
    {
        var trace = new List<string>();
        using (loader)
        {
            while (loader.Next() is { } slot)
            {
                trace.Add($"{slot.Epoch} {slot.Batch} {string.Join(',', slot.SampleIds.ToArray())} "
                    + $"{string.Join(',', slot.Augment.ToArray())} {Convert.ToHexString(slot.Pixels)}");
                loader.Return(slot);
            }
        }

        return trace;
    }

    private static MemoryDataset CreateData(int count) => new("d", s_shape, ["a", "b", "c"],
        SampleFiles.Random(count * s_shape.Bytes, 9), Enumerable.Range(0, count).Select(i => i * 7 % 3).ToArray());

    private static BatchLoader Create(IDataset data, int batch, int endEpoch, int startEpoch = 0, int startBatch = 0,
        int slots = 4, Func<int, Memory<byte>>? memory = null) => new(new BatchLoaderOptions
        {
            Dataset = data,
            Sampler = new BatchSampler(data.Count, batch, 4),
            Augment = AugmentRecipe.Crop4Flip,
            Seed = 6,
            StartEpoch = startEpoch,
            StartBatch = startBatch,
            EndEpoch = endEpoch,
            Slots = slots,
            SlotMemory = memory,
        });

    private static BatchLoaderOptions Options(MemoryDataset data, int batch) => new()
    {
        Dataset = data, Sampler = new BatchSampler(data.Count, batch, 4), Augment = AugmentRecipe.Crop4Flip, Seed = 6,
    };

    private class Wrapped(IDataset inner) : IDataset
    {
        public string Name => inner.Name;

        public int Count => inner.Count;

        public ImageShape Shape => inner.Shape;

        public int Classes => inner.Classes;

        public IReadOnlyList<string> ClassNames => inner.ClassNames;

        public int Label(int index) => inner.Label(index);

        public virtual void Read(int index, Span<byte> pixels) => inner.Read(index, pixels);
    }

    private sealed class FailingDataset(IDataset inner, int failAt) : Wrapped(inner)
    {
        public override void Read(int index, Span<byte> pixels)
        {
            if (index == failAt) throw new IOException("image " + index);
            base.Read(index, pixels);
        }
    }

    /// <summary>Notes how much the thread that reads has allocated in all.</summary>
    private sealed class MeasuringDataset(IDataset inner) : Wrapped(inner)
    {
        private long _allocated;

        public long AllocatedByReader => Volatile.Read(ref _allocated);

        public override void Read(int index, Span<byte> pixels)
        {
            base.Read(index, pixels);
            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    private sealed class BlockingDataset(IDataset inner, ManualResetEventSlim gate) : Wrapped(inner)
    {
        public override void Read(int index, Span<byte> pixels)
        {
            gate.Wait();
            base.Read(index, pixels);
        }
    }
}
