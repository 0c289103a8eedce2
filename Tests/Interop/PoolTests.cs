using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The pool over memory that exists only as addresses.</summary>
internal sealed class PoolTests
{
    private const int Segment = 1 << 20;

    private readonly List<(CudaStream From, CudaStream To)> _waits = [];
    private FakeUpstream _upstream = null!;
    private CudaStream _first = null!;
    private CudaStream _second = null!;

    [SetUp]
    public void MakeUpstream()
    {
        _waits.Clear();
        _upstream = new FakeUpstream();
        _first = FakeCuda.Stream(_upstream.Context);
        _second = FakeCuda.Stream(_upstream.Context);
    }

    [TearDown]
    public void UpstreamWasTreatedWell() => Assert.That(_upstream.Mistakes, Is.Empty);

    [Test]
    public void Allocate_ManySmall_TakesOneSegment()
    {
        var pool = Pool();

        for (int i = 0; i < 100; i++) pool.Allocate(1000, _first);

        Assert.That(_upstream.Requests, Is.EqualTo(new[] { (nuint)Segment }));
        Assert.That((pool.UsedBytes, pool.ReservedBytes), Is.EqualTo((100L * 1024, (long)Segment)));
    }

    [Test]
    public void Allocate_LargerThanASegment_TakesOneOfItsSize()
    {
        var pool = Pool();

        pool.Allocate(5 << 20, _first);
        pool.Allocate((7 << 20) + 1, _first);

        Assert.That(_upstream.Requests, Is.EqualTo(new nuint[] { 6 << 20, 8 << 20 }));
    }

    [Test]
    public void Allocate_Zero_IsABlockOfItsOwn()
    {
        var pool = Pool();

        Assert.That(pool.Allocate(0, _first).Address, Is.Not.EqualTo(pool.Allocate(0, _first).Address));
    }

    [Test]
    public void Allocate_MoreThanNumbersHold_IsRefused() =>
        Assert.That(() => Pool().Allocate(nuint.MaxValue, _first), Throws.InstanceOf<CudaOutOfMemoryException>());

    [Test]
    public void Allocate_GivenBackOnTheSameStream_IsTheSameMemoryWithoutWaiting()
    {
        var pool = Pool();
        var block = pool.Allocate(Segment, _first);
        pool.Deallocate(block, _first);

        Assert.That(pool.Allocate(Segment, _first), Is.EqualTo(block));
        Assert.That(_waits, Is.Empty);
    }

    [Test]
    public void Allocate_GivenBackOnAnotherStream_WaitsForIt()
    {
        var pool = Pool();
        var block = pool.Allocate(Segment, _first);
        pool.Deallocate(block, _first);

        Assert.That(pool.Allocate(Segment, _second), Is.EqualTo(block));
        Assert.That(_waits, Is.EqualTo(new[] { (_first, _second) }));
    }

    [Test]
    public void Allocate_OwnMemoryFits_IsTakenBeforeAnothersWithoutWaiting()
    {
        var pool = Pool();
        var others = pool.Allocate(Segment / 2, _first);
        var own = pool.Allocate(Segment / 2, _first);
        pool.Deallocate(others, _first);
        pool.Deallocate(own, _second);

        Assert.That(pool.Allocate(1000, _second).Address, Is.EqualTo(own.Address));
        Assert.That(_waits, Is.Empty);
    }

    [Test]
    public void Allocate_WhileRecording_TakesNothingOfAnotherStream()
    {
        var pool = Pool();
        var block = pool.Allocate(Segment, _first);
        pool.Deallocate(block, _first);
        _second.IsCapturing = true;

        Assert.That(pool.Allocate(Segment, _second), Is.Not.EqualTo(block));
        Assert.That(_waits, Is.Empty);
    }

    [Test]
    public void Deallocate_Neighbours_BecomeOne([Values(0, 1, 2)] int last)
    {
        var pool = Pool();
        DeviceBlock[] blocks = [pool.Allocate(Segment / 4, _first), pool.Allocate(Segment / 4, _first), pool.Allocate(Segment / 2, _first)];

        for (int i = 0; i < 3; i++)
            if (i != last) pool.Deallocate(blocks[i], _first);
        pool.Deallocate(blocks[last], _first);

        Assert.That(pool.Allocate(Segment, _first).Address, Is.EqualTo(blocks[0].Address));
        Assert.That(_upstream.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public void Deallocate_Unknown_IsParkedAndNotThrown()
    {
        Pool().Deallocate(new DeviceBlock(0xBAD00, 10), _first);

        Assert.That(_upstream.Context.ParkedErrors, Is.EqualTo(1));
    }

    [Test]
    public void Deallocate_Twice_IsParkedAndNotThrown()
    {
        var pool = Pool();
        var block = pool.Allocate(10, _first);
        pool.Deallocate(block, _first);

        pool.Deallocate(block, _first);

        Assert.That((_upstream.Context.ParkedErrors, pool.UsedBytes), Is.EqualTo((1, 0L)));
    }

    [Test]
    public void Trim_FreeSegments_GoBackAndUsedOnesStay()
    {
        var pool = Pool();
        var kept = pool.Allocate(Segment, _first);
        pool.Deallocate(pool.Allocate(Segment, _first), _first);

        pool.Trim();

        Assert.That(_upstream.Live.Keys, Is.EqualTo(new[] { kept.Address }));
        Assert.That(pool.ReservedBytes, Is.EqualTo(Segment));
    }

    [Test]
    public void Trim_Keep_StopsThere()
    {
        var pool = Pool();
        DeviceBlock[] blocks = [.. Enumerable.Range(0, 4).Select(_ => pool.Allocate(Segment, _first))];
        foreach (var block in blocks) pool.Deallocate(block, _first);

        pool.Trim(2 * Segment);

        Assert.That(pool.ReservedBytes, Is.EqualTo(2 * Segment));
    }

    [Test]
    public void Trim_SegmentGivenBackByTwoStreams_IsOrderedAndGoesBack()
    {
        var pool = Pool();
        var one = pool.Allocate(Segment / 2, _first);
        var two = pool.Allocate(Segment / 2, _first);
        pool.Deallocate(one, _first);
        pool.Deallocate(two, _second);

        pool.Trim();

        Assert.That(_upstream.Live, Is.Empty);
        Assert.That(_waits, Is.EqualTo(new[] { (_first, _second) }));
    }

    [Test]
    public void Trim_OrderingFails_IsParkedAndTheSegmentGoesBack()
    {
        var pool = new PoolMemoryResource(_upstream, Segment, (_, _) => CUresult.CUDA_ERROR_UNKNOWN.ThrowIfFailed("cuStreamWaitEvent"));
        var one = pool.Allocate(Segment / 2, _first);
        var two = pool.Allocate(Segment / 2, _first);
        pool.Deallocate(one, _first);
        pool.Deallocate(two, _second);

        pool.Trim();

        Assert.That((_upstream.Live.Count, _upstream.Context.ParkedErrors), Is.EqualTo((0, 1)));
    }

    [Test]
    public void Allocate_OrderingFails_ThrowsAndKeepsTheBlock()
    {
        bool fails = true;
        var pool = new PoolMemoryResource(_upstream, Segment, (_, _) =>
        {
            if (fails) CUresult.CUDA_ERROR_UNKNOWN.ThrowIfFailed("cuStreamWaitEvent");
        });
        var block = pool.Allocate(Segment, _first);
        pool.Deallocate(block, _first);

        Assert.That(() => pool.Allocate(Segment, _second), Throws.InstanceOf<CudaException>());
        fails = false;

        Assert.That(pool.Allocate(Segment, _second), Is.EqualTo(block));
        Assert.That(pool.UsedBytes, Is.EqualTo(Segment));
    }

    [Test]
    public void Allocate_UpstreamFull_TrimsAndTriesAgain()
    {
        _upstream = new FakeUpstream(4 * Segment);
        var pool = Pool();
        DeviceBlock[] blocks = [.. Enumerable.Range(0, 4).Select(_ => pool.Allocate(Segment, _first))];
        foreach (var block in blocks) pool.Deallocate(block, _first);

        var large = pool.Allocate(4 * Segment, _first);

        Assert.That(_upstream.Live, Is.EquivalentTo(new Dictionary<ulong, nuint> { [large.Address] = (nuint)(4 * Segment) }));
    }

    [Test]
    public void Allocate_NoRoomForAWholeSegment_TakesWhatIsAsked()
    {
        _upstream = new FakeUpstream(1000 * 256);
        var pool = Pool();

        var block = pool.Allocate(999, _first);

        Assert.That(_upstream.Live[block.Address], Is.EqualTo((nuint)1024));
    }

    [Test]
    public void Allocate_NoRoomAtAll_TellsTheNumbersOfBothAndStaysUsable()
    {
        _upstream = new FakeUpstream(2 * Segment);
        var pool = Pool();
        var block = pool.Allocate(Segment, _first);

        var error = Assert.Throws<CudaOutOfMemoryException>(() => pool.Allocate(2 * Segment, _first));
        pool.Deallocate(block, _first);

        Assert.That(error!.Message, Does.Contain("a request for 2,097,152 bytes").And.Contain("1048576 of 2097152 in use")
            .And.Contain("the pool has 1,048,576 of 1,048,576 bytes in use in 1 blocks and 1 segments").And.Contain("smaller batch"));
        Assert.That(pool.Allocate(2 * Segment, _first).Bytes, Is.EqualTo((nuint)(2 * Segment)));
    }

    [Test]
    public void Dispose_NothingInUse_GivesEverythingBack()
    {
        var pool = Pool();
        pool.Deallocate(pool.Allocate(10, _first), _first);

        pool.Dispose();
        pool.Dispose();

        Assert.That(_upstream.Live, Is.Empty);
        Assert.That(_upstream.Context.ParkedErrors, Is.Zero);
        Assert.That(() => pool.Allocate(10, _first), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Dispose_BlockInUse_IsParkedAndTheRestFollowsLater()
    {
        var pool = Pool();
        var block = pool.Allocate(10, _first);

        pool.Dispose();
        Assert.That((_upstream.Live.Count, _upstream.Context.ParkedErrors), Is.EqualTo((1, 1)));
        pool.Deallocate(block, _first);

        Assert.That(_upstream.Live, Is.Empty);
    }

    [Test]
    public void AllocateAndGiveBack_WarmLoop_AllocatesNothingManaged()
    {
        var pool = Pool();
        Span<DeviceBlock> blocks = stackalloc DeviceBlock[4];
        Churn(pool, blocks, 100);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Churn(pool, blocks, 100);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(_upstream.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public void ClassOf_Sizes_GrowWithThem()
    {
        int last = -1;
        for (nuint bytes = 256; bytes < (nuint)1 << 45; bytes += DeviceBlock.RoundUp(bytes / 16))
        {
            int at = PoolBins.ClassOf(bytes);
            Assert.That(at, Is.EqualTo(last).Or.EqualTo(last + 1).Or.LessThanOrEqualTo(1));
            last = at;
        }
    }

    private void Churn(PoolMemoryResource pool, Span<DeviceBlock> blocks, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < blocks.Length; i++) blocks[i] = pool.Allocate((nuint)(1000 * (i + 1) + round), _first);
            for (int i = 0; i < blocks.Length; i++) pool.Deallocate(blocks[i], _first);
        }
    }

    private PoolMemoryResource Pool() => new(_upstream, Segment, (from, to) => _waits.Add((from, to)));
}
