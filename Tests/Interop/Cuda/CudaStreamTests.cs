using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Streams, events, copies and fills.</summary>
internal sealed class CudaStreamTests : CudaFixture
{
    [Test]
    public void UploadAndDownload_Values_ComeBack()
    {
        using var buffer = Upload(1.5f, -2f, float.NaN, float.Epsilon);

        Assert.That(Download<float>(buffer), Is.EqualTo(new[] { 1.5f, -2f, float.NaN, float.Epsilon }));
    }

    [Test]
    public void Copy_Slices_TouchesNothingElse()
    {
        using var from = Upload(1, 2, 3, 4);
        using var to = Upload(9, 9, 9, 9);

        Stream.EnqueueCopy(from.As<int>().Slice(1, 2), to.As<int>().Slice(2, 2));

        Assert.That(Download<int>(to), Is.EqualTo(new[] { 9, 9, 2, 3 }));
    }

    [Test]
    public void Fill_BytesAndElements_AreWritten()
    {
        using var buffer = Upload(0f, 0f, 0f, 0f);

        Stream.EnqueueFill(buffer.As<float>().Slice(0, 2), 1.25f);
        Stream.EnqueueFill(buffer.As<byte>().Slice(8, 4), (byte)0xFF);
        Stream.EnqueueZero(buffer.As<float>().Slice(1, 1));

        Assert.That(Download<float>(buffer), Is.EqualTo(new[] { 1.25f, 0f, float.NaN, 0f }));
    }

    [Test]
    public void Fill_OtherSizes_IsRefused()
    {
        using var buffer = Upload(0d);

        Assert.That(() => Stream.EnqueueFill(buffer.As<double>(), 1d), Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public void Copy_LengthsDiffer_IsRefused()
    {
        using var buffer = Upload(1, 2, 3);
        var values = new int[2];

        Assert.That(() => Stream.EnqueueCopy(buffer.As<int>(), buffer.As<int>().Slice(0, 2)), Throws.ArgumentException);
        Assert.That(() => Stream.Download(buffer.As<int>(), values), Throws.ArgumentException);
    }

    [Test]
    public void Copy_NoElements_DoesNothing()
    {
        using var buffer = Upload(1);

        Stream.EnqueueCopy(buffer.As<int>().Slice(0, 0), buffer.As<int>().Slice(1, 0));
        Stream.EnqueueZero(buffer.As<int>().Slice(1, 0));
        Stream.Upload<int>([], buffer.As<int>().Slice(1, 0));

        Assert.That(Download<int>(buffer), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void WaitFor_EventOfAnotherStream_OrdersTheWork()
    {
        const int Count = 1 << 20;
        var resource = new DriverMemoryResource(Context);
        using var other = CudaStream.Create(Context);
        using var from = DeviceBuffer.Allocate<int>(resource, Count, Stream);
        using var to = DeviceBuffer.Allocate<int>(resource, Count, Stream);
        for (int round = 1; round <= 10; round++)
        {
            Stream.EnqueueFill(from.As<int>(), round);
            using var filled = Stream.Record();
            other.WaitFor(filled);
            other.EnqueueCopy(from.As<int>(), to.As<int>());
            using var copied = other.Record();
            Stream.WaitFor(copied);

            Assert.That(Download<int>(to, other), Is.All.EqualTo(round));
        }
    }

    [Test]
    public void Query_AfterSynchronize_IsTrue()
    {
        using var buffer = Upload(new int[1 << 16]);
        Stream.EnqueueZero(buffer.As<int>());
        using var e = Stream.Record();

        Stream.Synchronize();

        Assert.That((Stream.Query(), e.Query()), Is.EqualTo((true, true)));
    }

    [Test]
    public void Synchronize_Event_MeansEverythingBeforeItIsDone()
    {
        using var pinned = PinnedBuffer.Allocate(Context, 4 << 16);
        using var buffer = Upload(new int[1 << 16]);
        Stream.EnqueueFill(buffer.As<int>(), 5);
        Stream.EnqueueDownload(buffer.As<int>(), pinned, 0);
        using var e = Stream.Record();

        e.Synchronize();

        Assert.That(pinned.AsSpan<int>().IndexOfAnyExcept(5), Is.EqualTo(-1));
    }

    [Test]
    public void ElapsedMs_BetweenTimedEvents_IsNotNegative()
    {
        using var buffer = Upload(new int[1 << 20]);
        using var start = CudaEvent.Create(Context, hasTiming: true);
        using var end = CudaEvent.Create(Context, hasTiming: true);
        Stream.Record(start);
        Stream.EnqueueZero(buffer.As<int>());
        Stream.Record(end);

        end.Synchronize();

        Assert.That(end.ElapsedMs(start), Is.GreaterThanOrEqualTo(0).And.LessThan(60_000));
    }

    [Test]
    public void ElapsedMs_WithoutTiming_IsRefused()
    {
        using var start = Stream.Record();
        using var end = CudaEvent.Create(Context, hasTiming: true);

        Assert.That(() => end.ElapsedMs(start), Throws.InvalidOperationException);
    }

    [Test]
    public void Use_AfterDispose_ThrowsAndDisposeTwiceDoesNot()
    {
        var stream = CudaStream.Create(Context);
        var e = CudaEvent.Create(Context);
        stream.Dispose();
        stream.Dispose();
        e.Dispose();
        e.Dispose();

        Assert.That(stream.Synchronize, Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("CudaStream"));
        Assert.That(() => Stream.Record(e), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("CudaEvent"));
    }

    [Test]
    public void Attach_HostsStream_IsUsedAndNeverDestroyed()
    {
        using var buffer = Upload(0);
        using (var attached = CudaStream.Attach(Context, Stream.DangerousHandle))
        {
            attached.EnqueueFill(buffer.As<int>(), 42);
            Assert.That(attached.IsOwned, Is.False);
        }

        Assert.That(Download<int>(buffer), Is.EqualTo(new[] { 42 }));
    }

    [Test]
    public void Attach_StreamOfAnotherContext_IsRefused()
    {
        using var host = new HostContext();
        using var other = CudaContext.Attach(host.Handle.Value);
        using var foreign = CudaStream.Create(other);
        nint handle = foreign.DangerousHandle;

        Assert.That(() => CudaStream.Attach(Context, handle), Throws.InstanceOf<CodatException>().With.Message.Contains("belongs to another context"));
    }

    [Test]
    public void Attach_RecordingStream_IsRefused()
    {
        using var capture = Stream.BeginCapture();

        Assert.That(() => CudaStream.Attach(Context, Stream.DangerousHandle), Throws.InstanceOf<CodatException>().With.Message.Contains("recording a graph"));
    }

    [Test]
    public void Create_AnyPriority_Works([Values(-100, 0, 100)] int priority)
    {
        using var stream = CudaStream.Create(Context, priority);

        stream.Synchronize();
    }
}
