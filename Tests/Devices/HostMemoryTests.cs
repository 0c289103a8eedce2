using System.Runtime.InteropServices;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed unsafe class HostMemoryTests
{
    [Test]
    public void Allocate_AnySize_IsAlignedAndZero([Values(0u, 1u, 255u, 4097u)] uint bytes)
    {
        var block = HostMemory.Shared.Allocate(bytes);

        Assert.That((long)block % HostMemory.Alignment, Is.Zero);
        Assert.That(new Span<byte>((void*)block, (int)bytes).ToArray(), Is.All.Zero);
        HostMemory.Shared.Release(block, bytes);
    }

    [Test]
    public void Allocate_MoreThanThereIs_SaysSo()
    {
        var error = Assert.Throws<HostOutOfMemoryException>(() => HostMemory.Shared.Allocate((nuint)1 << 60));

        Assert.That(error!.RequestedBytes, Is.EqualTo(1L << 60));
        Assert.That(error.Message, Does.Contain("out of host memory"));
    }

    [Test]
    public void Limit_Reached_RefusesUntilSomethingIsReleased()
    {
        var statistics = new StatisticsResource(HostMemory.Shared);
        var limited = new LimitingResource(statistics, 1000);
        var first = limited.Allocate(600);

        Assert.That(() => limited.Allocate(401), Throws.InstanceOf<HostOutOfMemoryException>().With.Message.Contains("600 of the limit of 1,000"));
        var second = limited.Allocate(400);
        limited.Release(first, 600);
        var third = limited.Allocate(600);

        Assert.That((statistics.LiveBytes, statistics.LiveBlocks, statistics.PeakBytes, statistics.AllocationCount), Is.EqualTo((1000L, 2L, 1000L, 3L)));
        limited.Release(second, 400);
        limited.Release(third, 600);
        Assert.That((statistics.LiveBytes, statistics.LiveBlocks), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void Limit_RequestNearTheEndOfNumbers_IsRefusedByTheLimit([Values] bool beyondLong)
    {
        var limited = new LimitingResource(HostMemory.Shared, 1000);
        var block = limited.Allocate(10);
        var request = beyondLong ? nuint.MaxValue - 5 : unchecked((nuint)long.MaxValue) - 5;

        Assert.That(() => limited.Allocate(request), Throws.InstanceOf<HostOutOfMemoryException>().With.Message.Contains("limit of 1,000"));
        limited.Release(block, 10);
    }

    [Test]
    public void Limit_UpstreamRefuses_CountsNothing()
    {
        var limited = new LimitingResource(new LimitingResource(HostMemory.Shared, 100), 1000);

        Assert.That(() => limited.Allocate(500), Throws.InstanceOf<HostOutOfMemoryException>().With.Message.Contains("limit of 100 "));

        // Nine hundred more would pass this limit if the failed request had been counted.
        Assert.That(() => limited.Allocate(900), Throws.InstanceOf<HostOutOfMemoryException>().With.Message.Contains("limit of 100 "));
    }

    [Test]
    public void Guards_WrittenOver_AreFound()
    {
        var memory = new GuardedMemory();
        var block = memory.Allocate(100);
        Marshal.WriteByte(block, 100, 0);

        memory.Release(block, 100);

        Assert.That(memory.Damage, Has.Count.EqualTo(1));
        Assert.That(memory.Damage[0], Does.Contain("after"));
    }
}
