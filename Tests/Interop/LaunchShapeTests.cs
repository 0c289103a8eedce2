using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Grids that cover what they are asked to, and are never too large.</summary>
internal sealed class LaunchShapeTests
{
    [TestCase(1, 256, 1, 1u)]
    [TestCase(256, 256, 1, 1u)]
    [TestCase(257, 256, 1, 2u)]
    [TestCase(1024, 256, 4, 1u)]
    [TestCase(1025, 256, 4, 2u)]
    [TestCase(1L << 40, 1024, 4, 1u << 28)]
    public void ForElements_AnyCount_CoversIt(long count, int block, int perThread, uint grid)
    {
        var shape = LaunchShape.ForElements(count, block, perThread);

        Assert.That((shape.GridX, shape.GridY, shape.GridZ, shape.Threads, shape.SharedBytes), Is.EqualTo((grid, 1u, 1u, block, 0u)));
    }

    [Test]
    public void ForElements_None_IsEmpty() => Assert.That(LaunchShape.ForElements(0).IsEmpty, Is.True);

    [Test]
    public void ForElements_TooMany_IsRefused()
    {
        Assert.That(() => LaunchShape.ForElements(long.MaxValue), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => LaunchShape.ForElements(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ForRows_Rows_AreBlocks()
    {
        var shape = LaunchShape.ForRows(70000, 128, 512);

        Assert.That((shape.GridX, shape.BlockX, shape.SharedBytes), Is.EqualTo((70000u, 128u, 512u)));
        Assert.That(shape.ToString(), Is.EqualTo("grid 70000x1x1, block 128x1x1, 512 shared bytes"));
    }

    [Test]
    public void DeviceSpan_Slice_StaysInside()
    {
        var span = new DeviceSpan<float>(0x1000, 10);

        var slice = span.Slice(3, 7);

        Assert.That((slice.Address, slice.Length, slice.Bytes), Is.EqualTo((0x1000ul + 12, 7L, (nuint)28)));
        Assert.That(() => span.Slice(4, 7), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => span.Slice(-1, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => span.Slice(0, long.MaxValue), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(span.Slice(10, 0).IsEmpty, Is.True);
    }

    [Test]
    public void DeviceSpan_Cast_KeepsTheBytes()
    {
        var span = new DeviceSpan<float>(0x1000, 10);

        Assert.That(span.Cast<double>(), Is.EqualTo(new DeviceSpan<double>(0x1000, 5)));
        Assert.That(() => span.Slice(0, 3).Cast<double>(), Throws.InvalidOperationException);
    }
}
