using System.Runtime.CompilerServices;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Ownership of native objects: what may be released when, and what a finalizer does.</summary>
internal sealed unsafe class OwnedHandleTests
{
    private static readonly List<nint> s_released = [];

    [SetUp]
    public void Forget() => s_released.Clear();

    [Test]
    public void Get_AfterDispose_ThrowsInTheOwnersName()
    {
        var handle = new OwnedHandle(FakeCuda.Context(), 7, null);
        handle.Dispose();

        Assert.That(() => handle.Get(this), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains(nameof(OwnedHandleTests)));
    }

    [Test]
    public void Dispose_Borrowed_ReleasesNothingAndIsNotCounted()
    {
        var context = FakeCuda.Context();
        var handle = new OwnedHandle(context, 7, null);

        handle.Dispose();
        handle.Dispose();

        Assert.That((context.LiveObjects, context.PendingReleases, s_released.Count), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public void Dispose_WhileCapturing_IsQueuedOnce()
    {
        var context = FakeCuda.Context();
        context.BeginCapture();
        var handle = new OwnedHandle(context, 7, &Release);

        handle.Dispose();
        handle.Dispose();

        Assert.That((context.LiveObjects, context.PendingReleases, s_released.Count), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public void Finalizer_OwnedAndLost_OnlyQueues()
    {
        var context = FakeCuda.Context();
        Lose(context);

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.That((context.LiveObjects, context.PendingReleases, s_released.Count), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public void Queue_Run_ReleasesOldestFirst()
    {
        var queue = new DeferredReleaseQueue();
        for (int i = 1; i <= 3; i++) queue.Enqueue(i, &Release);

        int count = queue.Run(FakeCuda.Context());

        Assert.That((count, queue.Count), Is.EqualTo((3, 0)));
        Assert.That(s_released, Is.EqualTo(new nint[] { 1, 2, 3 }));
    }

    [Test]
    public void Context_Disposed_CannotBeEntered()
    {
        var context = FakeCuda.Context();

        context.Dispose();
        context.Dispose();

        Assert.That(() => context.Enter(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(context.Drain, Throws.InstanceOf<ObjectDisposedException>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lose(CudaContext context) => _ = new OwnedHandle(context, 7, &Release);

    private static void Release(CudaContext context, nint handle) => s_released.Add(handle);
}
