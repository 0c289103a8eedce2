using System.Runtime.CompilerServices;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Recording a stream's work into a graph, and running it again.</summary>
internal sealed class CaptureTests : CudaFixture
{
    [Test]
    public void Replay_FillAndCopy_DoesThemAgainEachTime()
    {
        using var input = Upload(1, 2);
        using var output = Upload(0, 0, 0, 0);
        using var graph = Record(() =>
        {
            Stream.EnqueueFill(output.As<int>().Slice(2, 2), 7);
            Stream.EnqueueCopy(input.As<int>(), output.As<int>().Slice(0, 2));
        });
        Assert.That(Download<int>(output), Is.All.Zero, "recorded work ran");
        using var executable = graph.Instantiate();
        executable.Upload(Stream);

        for (int round = 0; round < 3; round++)
        {
            Stream.Upload<int>([round, -round], input.As<int>());
            Stream.EnqueueZero(output.As<int>());
            executable.Launch(Stream);

            Assert.That(Download<int>(output), Is.EqualTo(new[] { round, -round, 7, 7 }));
        }
        Assert.That(graph.NodeCount, Is.EqualTo(2));
    }

    [Test]
    public void Replay_GraphDisposed_StillRuns()
    {
        using var output = Upload(0);
        var graph = Record(() => Stream.EnqueueFill(output.As<int>(), 3));
        using var executable = graph.Instantiate();

        graph.Dispose();
        executable.Launch(Stream);

        Assert.That(Download<int>(output), Is.EqualTo(new[] { 3 }));
        Assert.That(() => graph.NodeCount, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Replay_OnAnotherStream_Works()
    {
        using var output = Upload(0);
        using var graph = Record(() => Stream.EnqueueFill(output.As<int>(), 3));
        using var executable = graph.Instantiate();
        using var other = CudaStream.Create(Context);

        executable.Launch(other);

        Assert.That(Download<int>(output, other), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public void Record_WorkOfAJoinedStream_IsPartOfTheGraph()
    {
        using var output = Upload(0, 0);
        using var other = CudaStream.Create(Context);
        using var forked = CudaEvent.Create(Context);
        using var joined = CudaEvent.Create(Context);
        using var graph = Record(() =>
        {
            Stream.Record(forked);
            other.WaitFor(forked);
            other.EnqueueFill(output.As<int>().Slice(0, 1), 1);
            other.Record(joined);
            Stream.EnqueueFill(output.As<int>().Slice(1, 1), 2);
            Stream.WaitFor(joined);
        });
        using var executable = graph.Instantiate();

        executable.Launch(Stream);

        Assert.That(Download<int>(output), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void Capture_WithPendingFree_DefersFree()
    {
        var lost = Upload(1, 2, 3);
        using var output = Upload(0);
        int live = Context.LiveObjects;
        using (var capture = Stream.BeginCapture())
        {
            Stream.EnqueueFill(output.As<int>(), 1);
            lost.Dispose();
            Assert.That((Context.PendingReleases, Context.LiveObjects), Is.EqualTo((1, live)));
            Assert.That(capture.IsValid, Is.True);
            capture.End().Dispose();
        }

        Assert.That((Context.PendingReleases, Context.LiveObjects), Is.EqualTo((0, live - 1)));
    }

    [Test]
    public void Capture_ThrownOutOf_EndsAndTheStreamGoesOn()
    {
        using var output = Upload(0);

        Assert.That(() => Record(() =>
        {
            Stream.EnqueueFill(output.As<int>(), 1);
            throw new FormatException("from inside");
        }), Throws.InstanceOf<FormatException>());

        Assert.That((Stream.IsCapturing, Context.IsCapturing, CudaContext.IsThreadCapturing), Is.EqualTo((false, false, false)));
        Stream.EnqueueFill(output.As<int>(), 2);
        Assert.That(Download<int>(output), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Capture_WhatCannotBeRecorded_IsRefusedBeforeItHarms()
    {
        using var output = Upload(0);
        var values = new int[1];
        using var capture = Stream.BeginCapture();
        Stream.EnqueueFill(output.As<int>(), 6);

        Assert.That(Stream.Synchronize, Throws.InvalidOperationException);
        Assert.That(() => Stream.Query(), Throws.InvalidOperationException);
        Assert.That(() => Stream.Download(output.As<int>(), values), Throws.InvalidOperationException);
        Assert.That(() => new DriverMemoryResource(Context).Allocate(1, Stream), Throws.InvalidOperationException);
        Assert.That(() => Stream.BeginCapture(), Throws.InvalidOperationException);
        Assert.That(Context.Synchronize, Throws.InvalidOperationException);

        Assert.That(capture.IsValid, Is.True);
        using var graph = capture.End();
        Assert.That(graph.NodeCount, Is.EqualTo(1));
    }

    [Test]
    public void Capture_EndedTwice_IsRefused()
    {
        using var capture = Stream.BeginCapture();
        capture.End().Dispose();

        Assert.That(capture.IsValid, Is.False);
        Assert.That(capture.End, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Capture_CollectionsOnAnotherThread_DoNotHarmIt()
    {
        using var output = Upload(0);
        using var stop = new ManualResetEventSlim();
        var collector = new Thread(() =>
        {
            while (!stop.IsSet)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (int round = 0; round < 20; round++)
            {
                Lose();
                using var graph = Record(() =>
                {
                    for (int i = 0; i < 50; i++) Stream.EnqueueFill(output.As<int>(), i);
                });
                Assert.That(graph.NodeCount, Is.EqualTo(50));
            }
        }
        finally
        {
            stop.Set();
            collector.Join();
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Context.Drain();
        Assert.That(Context.LiveObjects, Is.EqualTo(2), "only the stream and the output are left");
    }

    [Test]
    public void SaveDot_Graph_IsWritten()
    {
        using var folder = new TempFolder();
        using var output = Upload(0);
        using var graph = Record(() => Stream.EnqueueFill(output.As<int>(), 1));

        graph.SaveDot(folder.File("graph.dot"), isVerbose: true);

        Assert.That(File.ReadAllText(folder.File("graph.dot")), Does.Contain("digraph"));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Lose()
    {
        _ = CudaStream.Create(Context);
        _ = CudaEvent.Create(Context);
    }

    private CudaGraph Record(Action work)
    {
        using var capture = Stream.BeginCapture();
        work();
        return capture.End();
    }
}
