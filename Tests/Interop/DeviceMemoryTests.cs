using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Sources of device memory over one that exists only as addresses.</summary>
internal sealed class DeviceMemoryTests
{
    private FakeUpstream _upstream = null!;
    private CudaStream _stream = null!;

    [SetUp]
    public void MakeUpstream()
    {
        _upstream = new FakeUpstream();
        _stream = FakeCuda.Stream(_upstream.Context);
    }

    [TearDown]
    public void UpstreamWasTreatedWell() => Assert.That(_upstream.Mistakes, Is.Empty);

    [Test]
    public void Limit_Reached_RefusesUntilSomethingIsGivenBack()
    {
        var statistics = new DeviceStatisticsResource(_upstream);
        var limited = new DeviceLimitingResource(statistics, 1000);
        var first = limited.Allocate(600, _stream);

        var error = Assert.Throws<CudaOutOfMemoryException>(() => limited.Allocate(401, _stream));
        var second = limited.Allocate(400, _stream);
        limited.Deallocate(first, _stream);
        var third = limited.Allocate(600, _stream);

        Assert.That(error!.Message, Does.Contain("600 of the limit of 1,000").And.Contain("401").And.Contain("cuda:3 Imaginary"));
        Assert.That((statistics.LiveBytes, statistics.LiveBlocks, statistics.PeakBytes, statistics.AllocationCount), Is.EqualTo((1000L, 2L, 1000L, 3L)));
        limited.Deallocate(second, _stream);
        limited.Deallocate(third, _stream);
        Assert.That((statistics.LiveBytes, statistics.LiveBlocks), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void Limit_UpstreamRefuses_CountsNothing()
    {
        var limited = new DeviceLimitingResource(_upstream, 1000);
        _upstream.Refusals = 1;
        Assert.That(() => limited.Allocate(600, _stream), Throws.InstanceOf<CudaOutOfMemoryException>().With.Message.Contains("on demand"));

        Assert.That(() => limited.Allocate(1000, _stream), Throws.Nothing);
    }

    [Test]
    public void Limit_RequestNearTheEndOfNumbers_IsRefused() =>
        Assert.That(() => new DeviceLimitingResource(_upstream, 1000).Allocate(nuint.MaxValue - 5, _stream), Throws.InstanceOf<CudaOutOfMemoryException>());

    [Test]
    public void Statistics_UpstreamRefuses_CountNothing()
    {
        var statistics = new DeviceStatisticsResource(_upstream);
        _upstream.Refusals = 1;

        Assert.That(() => statistics.Allocate(10, _stream), Throws.InstanceOf<CudaOutOfMemoryException>());
        Assert.That((statistics.LiveBytes, statistics.LiveBlocks, statistics.AllocationCount), Is.EqualTo((0L, 0L, 0L)));
    }

    [Test]
    public void Arena_Pieces_AreAlignedAndDisjoint()
    {
        using var arena = new ArenaMemoryResource(_upstream, 4096, _stream);

        DeviceBlock[] pieces = [arena.Allocate(1, _stream), arena.Allocate(256, _stream), arena.Allocate(257, _stream)];

        Assert.That(pieces.Select(p => p.Address - pieces[0].Address), Is.EqualTo(new ulong[] { 0, 256, 512 }));
        Assert.That(arena.UsedBytes, Is.EqualTo((nuint)1024));
    }

    [Test]
    public void Arena_Full_SaysHowFull()
    {
        using var arena = new ArenaMemoryResource(_upstream, 1000, _stream);
        arena.Allocate(512, _stream);

        Assert.That(() => arena.Allocate(513, _stream), Throws.InstanceOf<CudaOutOfMemoryException>().With.Message.Contains("512 of the arena's 1,024"));
        Assert.That(() => arena.Allocate(nuint.MaxValue, _stream), Throws.InstanceOf<CudaOutOfMemoryException>());
        Assert.That(() => arena.Allocate(512, _stream), Throws.Nothing);
    }

    [Test]
    public void Arena_LastPieceGivenBack_IsFreeAtOnce()
    {
        using var arena = new ArenaMemoryResource(_upstream, 1024, _stream);
        var first = arena.Allocate(256, _stream);
        var second = arena.Allocate(300, _stream);

        arena.Deallocate(first, _stream);
        Assert.That(arena.UsedBytes, Is.EqualTo((nuint)768));
        arena.Deallocate(second, _stream);

        Assert.That(arena.UsedBytes, Is.EqualTo((nuint)256));
        arena.Reset();
        Assert.That((arena.UsedBytes, arena.PeakBytes), Is.EqualTo(((nuint)0, (nuint)768)));
    }

    [Test]
    public void Arena_Disposed_GivesItsBlockBackOnce()
    {
        var arena = new ArenaMemoryResource(_upstream, 1024, _stream);

        arena.Dispose();
        arena.Dispose();

        Assert.That(_upstream.Live, Is.Empty);
        Assert.That(() => arena.Allocate(1, _stream), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Buffer_Disposed_GivesMemoryBackOnceAndCannotBeUsed()
    {
        var buffer = DeviceBuffer.Allocate<float>(_upstream, 10, _stream);
        Assert.That((buffer.As<float>().Length, buffer.As<double>().Length, buffer.Bytes), Is.EqualTo((10L, 5L, (nuint)40)));

        buffer.Dispose();
        buffer.Dispose();

        Assert.That(_upstream.Live, Is.Empty);
        Assert.That(() => buffer.As<float>(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Buffer_TooLargeForNumbers_IsRefused() =>
        Assert.That(() => DeviceBuffer.Allocate<double>(_upstream, long.MaxValue / 2, _stream), Throws.InstanceOf<OverflowException>());

#if DEBUG
    [Test]
    public void Buffer_NeverDisposed_IsReportedWithItsPlace()
    {
        Lose();

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.That((_upstream.Context.ParkedErrors, _upstream.Live.Count), Is.EqualTo((1, 1)));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private void Lose() => _ = DeviceBuffer.Allocate(_upstream, 10, _stream);
#endif

    [TestCase(0, false)]
    [TestCase(99, false)]
    [TestCase(-1, true)]
    [TestCase(-1024, true)]
    [TestCase(100, true)]
    [TestCase(1023, true)]
    public void Guards_WrittenOver_AreFound(int at, bool isOutside)
    {
        var memory = new GuardMemory();
        var guarded = new GuardedResource(_upstream, memory);
        var block = guarded.Allocate(100, _stream);

        memory.Write(block.Address + (ulong)at, 0);
        guarded.Deallocate(block, _stream);

        Assert.That(guarded.Damage, Has.Count.EqualTo(isOutside ? 1 : 0));
        Assert.That(_upstream.Context.ParkedErrors, Is.EqualTo(isOutside ? 1 : 0));
        Assert.That(_upstream.Live, Is.Empty);
        if (isOutside)
            Assert.That(guarded.Damage[0], Is.EqualTo(at < 0 ? $"written {-at} bytes before a block of 100 bytes" : $"written {at - 99} bytes after a block of 100 bytes"));
    }

    [Test]
    public void Guards_FreshMemory_IsNotANumber()
    {
        var memory = new GuardMemory();
        var block = new GuardedResource(_upstream, memory).Allocate(64, _stream);

        var bytes = new byte[64];
        memory.Read(block, bytes, _stream);

        Assert.That(BitConverter.ToSingle(bytes, 60), Is.NaN);
        Assert.That(BitConverter.ToDouble(bytes, 0), Is.NaN);
    }

    [Test]
    public void Guards_ThatCannotBeSetOrRead_LeaveNoBlockBehind()
    {
        var setting = new GuardedResource(_upstream, new BrokenGuards { FailsToFill = true });
        Assert.That(() => setting.Allocate(100, _stream), Throws.InvalidOperationException);
        Assert.That(_upstream.Live, Is.Empty);

        var reading = new GuardedResource(_upstream, new BrokenGuards());
        var block = reading.Allocate(100, _stream);
        Assert.That(() => reading.Deallocate(block, _stream), Throws.Nothing);
        Assert.That(_upstream.Live, Is.Empty);
        Assert.That(_upstream.Context.ParkedErrors, Is.EqualTo(1));
    }

    /// <summary>Guards on a stream that records, where nothing can be read.</summary>
    private sealed class BrokenGuards : IGuardMemory
    {
        public bool FailsToFill { get; init; }

        public void Fill(in DeviceBlock block, byte value, CudaStream stream)
        {
            if (FailsToFill) throw new InvalidOperationException("no");
        }

        public void Read(in DeviceBlock block, Span<byte> to, CudaStream stream) => throw new InvalidOperationException("no");
    }

    /// <summary>Device memory as a table of bytes.</summary>
    private sealed class GuardMemory : IGuardMemory
    {
        private readonly Dictionary<ulong, byte> _bytes = [];

        public void Write(ulong address, byte value) => _bytes[address] = value;

        public void Fill(in DeviceBlock block, byte value, CudaStream stream)
        {
            for (ulong i = 0; i < block.Bytes; i++) _bytes[block.Address + i] = value;
        }

        public void Read(in DeviceBlock block, Span<byte> to, CudaStream stream)
        {
            for (int i = 0; i < to.Length; i++) to[i] = _bytes[block.Address + (ulong)i];
        }
    }
}
