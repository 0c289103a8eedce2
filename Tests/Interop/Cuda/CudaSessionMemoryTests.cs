using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The memory of a session: its limit and its guards.</summary>
internal sealed class CudaSessionMemoryTests : CudaFixture
{
    private const long Limit = 5L << 20;

    [Test]
    public void Limit_OfTheSessionsOwnPool_IsWhatTheDeviceGives()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("others take and give memory on a real device");
        var (free, _) = Context.GetMemory();
        using var session = CudaSession.Create(Stream, new CudaSessionOptions { MemoryLimitBytes = Limit });

        var blocks = Enumerable.Range(0, 4).Select(_ => session.Memory.Allocate(1 << 20, Stream)).ToArray();

        Assert.That(free - Context.GetMemory().FreeBytes, Is.InRange(4L << 20, Limit));
        Assert.That(() => session.Memory.Allocate(2 << 20, Stream), Throws.InstanceOf<CudaOutOfMemoryException>()
            .With.Message.Contains("the limit of 5,242,880 bytes").And.Message.Contains("the pool has"));
        foreach (var block in blocks) session.Memory.Deallocate(block, Stream);
    }

    [Test]
    public void Limit_OverAGivenResource_IsWhatThatGives()
    {
        var given = new DeviceStatisticsResource(new DriverMemoryResource(Context));
        using var session = CudaSession.Create(Stream, new CudaSessionOptions { Memory = given, MemoryLimitBytes = Limit });

        var block = session.Memory.Allocate(4 << 20, Stream);

        Assert.That(() => session.Memory.Allocate(2 << 20, Stream), Throws.InstanceOf<CudaOutOfMemoryException>());
        Assert.That(given.LiveBytes, Is.EqualTo(4 << 20));
        session.Memory.Deallocate(block, Stream);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Checks_OfMemory_FindWhatIsWrittenOutsideABlock(bool checks)
    {
        using var session = CudaSession.Create(Stream, new CudaSessionOptions { ChecksMemory = checks });
        // Without guards what lies there is the pool's own: a segment is larger than the block.
        var block = session.Memory.Allocate(100, Stream);
        Stream.EnqueueFill(new DeviceSpan<byte>(block.Address + 90, 20), (byte)1);

        session.Memory.Deallocate(block, Stream);

        if (checks) Assert.That(Context.Drain, Throws.InstanceOf<CodatException>().With.Message.Contains("written outside a block"));
        else Assert.That(Context.Drain, Throws.Nothing);
    }

    [TestCase("1", ExpectedResult = true)]
    [TestCase("0", ExpectedResult = false)]
    [TestCase(null, ExpectedResult = false)]
    [NonParallelizable]
    public bool Checks_UnlessToldOtherwise_AreWhatTheEnvironmentSays(string? value)
    {
        const string Name = "CODAT_CHECKS";
        var before = Environment.GetEnvironmentVariable(Name);
        try
        {
            Environment.SetEnvironmentVariable(Name, value);
            return new CudaSessionOptions().ChecksMemory;
        }
        finally
        {
            Environment.SetEnvironmentVariable(Name, before);
        }
    }
}
