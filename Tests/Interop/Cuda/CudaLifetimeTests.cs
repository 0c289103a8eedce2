using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Nothing leaks, and nothing on the way of a step allocates on the managed heap.</summary>
internal sealed class CudaLifetimeTests : CudaFixture
{
    // Other programs on a device come and go; a leak of 100 rounds would be larger.
    private const long SlackBytes = 64 << 20;

    [Test]
    public void CreateAndDispose_ManyTimes_LeavesNothing()
    {
        CreateAndDispose();
        long freeBefore = Context.GetMemory().FreeBytes;

        for (int i = 0; i < 100; i++) CreateAndDispose();

        Assert.That(Context.GetMemory().FreeBytes, Is.GreaterThan(freeBefore - SlackBytes));
        Assert.That((Context.LiveObjects, Context.PendingReleases, Context.ParkedErrors), Is.EqualTo((1, 0, 0)));
    }

    [Test]
    public void StepCalls_WarmLoop_AllocateNothingManaged()
    {
        using var pool = new PoolMemoryResource(new DriverMemoryResource(Context), 1 << 20);
        using var pinned = PinnedBuffer.Allocate(Context, 4096);
        using var buffer = DeviceBuffer.Allocate<int>(pool, 1024, Stream);
        using var other = CudaStream.Create(Context);
        using var e = CudaEvent.Create(Context);
        CudaGraphExec executable;
        using (var capture = Stream.BeginCapture())
        {
            Stream.EnqueueZero(buffer.As<int>());
            using var graph = capture.End();
            executable = graph.Instantiate();
        }
        using (executable)
        {
            Step(pool, pinned, buffer, other, e, executable);

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) Step(pool, pinned, buffer, other, e, executable);

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        }
        Stream.Synchronize();
    }

    private void Step(PoolMemoryResource pool, PinnedBuffer pinned, DeviceBuffer buffer, CudaStream other, CudaEvent e, CudaGraphExec executable)
    {
        using var scope = Context.Enter();
        Stream.EnqueueUpload(pinned, 0, buffer.As<int>());
        Stream.Record(e);
        other.WaitFor(e);
        other.EnqueueFill(buffer.As<int>(), 3);
        other.Record(e);
        Stream.WaitFor(e);
        executable.Launch(Stream);
        var block = pool.Allocate(1000, Stream);
        Stream.EnqueueCopy(new DeviceSpan<byte>(buffer.As<byte>().Address, 1000), new DeviceSpan<byte>(block.Address, 1000));
        pool.Deallocate(block, Stream);
        Stream.EnqueueDownload(buffer.As<int>(), pinned, 0);
        Stream.Synchronize();
        _ = e.Query();
    }

    private static void CreateAndDispose()
    {
        using var context = CudaContext.RetainPrimary();
        using var stream = CudaStream.Create(context);
        using var pool = new PoolMemoryResource(new DriverMemoryResource(context), 8 << 20);
        using var ring = new PinnedRing(context, 2, 1 << 16);
        using var buffer = DeviceBuffer.Allocate(pool, 1 << 20, stream);
        using var timing = CudaEvent.Create(context, hasTiming: true);
        stream.EnqueueZero(buffer.As<byte>());
        stream.Record(timing);
        using (var capture = stream.BeginCapture())
        {
            stream.EnqueueZero(buffer.As<byte>());
            using var graph = capture.End();
            using var executable = graph.Instantiate();
            executable.Launch(stream);
        }
        stream.Synchronize();
        context.Drain();
    }
}
