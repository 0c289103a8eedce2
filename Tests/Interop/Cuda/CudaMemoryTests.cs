using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Memory of a device through every resource, and page-locked memory.</summary>
internal sealed class CudaMemoryTests : CudaFixture
{
    [Test]
    public void Driver_AnySize_IsAligned([Values(0u, 1u, 257u, 1u << 20)] uint bytes)
    {
        var driver = new DriverMemoryResource(Context);

        var block = driver.Allocate(bytes, Stream);

        Assert.That((block.Address % DeviceBlock.Alignment, block.Bytes), Is.EqualTo((0ul, (nuint)bytes)));
        driver.Deallocate(block, Stream);
    }

    [Test]
    public void Driver_MoreThanThereIs_SaysHowMuchThereIs()
    {
        var driver = new DriverMemoryResource(Context);
        long wanted = 2 * Context.Device.TotalBytes;

        var error = Assert.Throws<CudaOutOfMemoryException>(() => driver.Allocate((nuint)wanted, Stream));

        Assert.That(error!.RequestedBytes, Is.EqualTo(wanted));
        Assert.That(error.Message, Does.Contain("bytes free").And.Contain("smaller batch").And.Contain(Context.Device.Name));
        Assert.That(error.InnerException, Is.InstanceOf<CudaException>().With.Property("Code").EqualTo(2));
        Stream.Synchronize();
    }

    [Test]
    public void Pool_MoreThanThereIs_TellsItsOwnNumbersToo()
    {
        using var pool = new PoolMemoryResource(new DriverMemoryResource(Context), 1 << 20);
        var block = pool.Allocate(1000, Stream);

        Assert.That(() => pool.Allocate((nuint)(2 * Context.Device.TotalBytes), Stream),
            Throws.InstanceOf<CudaOutOfMemoryException>().With.Message.Contains("bytes free").And.Message.Contains("the pool has 1,024 of"));
        pool.Deallocate(block, Stream);
    }

    [Test]
    public void Limit_BelowTheDevice_IsKept()
    {
        var statistics = new DeviceStatisticsResource(new DriverMemoryResource(Context));
        var limited = new DeviceLimitingResource(statistics, 1 << 20);
        using (DeviceBuffer.Allocate(limited, 1 << 19, Stream))
            Assert.That(() => limited.Allocate((1 << 19) + 1, Stream), Throws.InstanceOf<CudaOutOfMemoryException>().With.Message.Contains("limit of 1,048,576"));

        Assert.That((statistics.LiveBytes, statistics.PeakBytes), Is.EqualTo((0L, 1L << 19)));
    }

    [Test]
    public void Pool_BlocksOfTwoStreams_HoldWhatWasWritten()
    {
        const int Count = 1 << 16;
        using var pool = new PoolMemoryResource(new DriverMemoryResource(Context), 4 << 20);
        using var other = CudaStream.Create(Context);
        CudaStream[] streams = [Stream, other];
        for (int round = 0; round < 40; round++)
        {
            var own = streams[round % 2];
            using var buffer = DeviceBuffer.Allocate<int>(pool, Count - round, own);
            own.EnqueueFill(buffer.As<int>(), round);

            Assert.That(Download<int>(buffer, own), Is.All.EqualTo(round));
        }

        Assert.That(pool.ReservedBytes, Is.EqualTo(4L << 20));
    }

    [Test]
    public void Pool_BlockOfADisposedStream_IsHandedOutSafely()
    {
        using var pool = new PoolMemoryResource(new DriverMemoryResource(Context), 1 << 20);
        using (var gone = CudaStream.Create(Context))
        {
            using var buffer = DeviceBuffer.Allocate(pool, 1 << 20, gone);
            gone.EnqueueFill(buffer.As<byte>(), 1);
        }

        using var again = DeviceBuffer.Allocate(pool, 1 << 20, Stream);
        Stream.EnqueueFill(again.As<byte>(), 2);

        Assert.That(Download<byte>(again), Is.All.EqualTo(2));
    }

    [Test]
    public void Guards_WrittenOver_AreFoundAndParked()
    {
        var guarded = new GuardedResource(new DriverMemoryResource(Context));
        var block = guarded.Allocate(100, Stream);
        Stream.EnqueueFill(new DeviceSpan<byte>(block.Address + 90, 20), (byte)1);

        guarded.Deallocate(block, Stream);

        Assert.That(guarded.Damage, Is.EqualTo(new[] { "written 1 bytes after a block of 100 bytes" }));
        Assert.That(Context.Drain, Throws.InstanceOf<CodatException>().With.Message.Contains("written outside a block"));
    }

    [Test]
    public void Guards_WrittenInside_FindNothing()
    {
        var guarded = new GuardedResource(new DriverMemoryResource(Context));
        using (var buffer = DeviceBuffer.Allocate(guarded, 100, Stream)) Stream.EnqueueZero(buffer.As<byte>());

        Assert.That(guarded.Damage, Is.Empty);
    }

    [Test]
    public void Pinned_Memory_IsReadAndWrittenByBothSides()
    {
        using var pinned = PinnedBuffer.Allocate(Context, 64);
        using var buffer = Upload(new int[8]);
        pinned.AsSpan<int>()[..8].Fill(11);

        Stream.EnqueueUpload(pinned, 0, buffer.As<int>());
        Stream.EnqueueDownload(buffer.As<int>(), pinned, 32);
        Stream.Synchronize();

        Assert.That(pinned.AsSpan<int>().ToArray(), Is.All.EqualTo(11));
        Assert.That(() => Stream.EnqueueUpload(pinned, 40, buffer.As<int>()), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Pinned_AfterDispose_CannotBeReached()
    {
        var pinned = PinnedBuffer.Allocate(Context, 64);
        var memory = pinned.Memory;
        pinned.Dispose();
        pinned.Dispose();

        Assert.That(() => memory.Span.Length, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Ring_ManyUploads_NeverOverwriteOneUnderWay()
    {
        const int Bytes = 1 << 20;
        using var ring = new PinnedRing(Context, 3, Bytes);
        using var target = Upload(new byte[Bytes]);
        using var results = Upload(new byte[64]);

        for (int round = 0; round < 64; round++)
        {
            int slot = ring.Take();
            ring[slot].Span.Fill((byte)round);
            ring.EnqueueUpload(slot, target.As<byte>(), Stream);
            Stream.EnqueueCopy(target.As<byte>().Slice(Bytes - 1, 1), results.As<byte>().Slice(round, 1));
        }

        Assert.That(Download<byte>(results), Is.EqualTo(Enumerable.Range(0, 64).Select(i => (byte)i)));
        Assert.That(ring.TryTake(out int next), Is.True);
        ring.Return(next);
    }
}
