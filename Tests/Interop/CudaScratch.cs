using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A CUDA device for tests, true or simulated, with the memory that a test fills and reads back.</summary>
/// <remarks>Where there is none the test is ignored with the reason.</remarks>
internal sealed class CudaScratch : IDisposable
{
    private readonly List<DeviceBuffer> _buffers = [];
    private readonly DriverMemoryResource _memory;
    private readonly int _liveBefore;

    private CudaScratch(CudaContext context)
    {
        Context = context;
        _liveBefore = context.LiveObjects;
        Stream = CudaStream.Create(context);
        _memory = new DriverMemoryResource(context);
    }

    internal CudaContext Context { get; }

    internal CudaStream Stream { get; }

    /// <summary>The device, with the libraries a test needs.</summary>
    internal static CudaScratch Require(CudaComponents needed)
    {
        var availability = CudaAvailability.Probe(needed);
        if (!availability.IsAvailable) Assert.Ignore(availability.Reason);
        return new CudaScratch(CudaContext.RetainPrimary());
    }

    /// <summary>Device memory with these elements.</summary>
    internal DeviceSpan<byte> Upload<T>(T[] values) where T : unmanaged
    {
        var span = Allocate<T>(values.Length);
        Stream.Upload<T>(values, span.Cast<T>());
        return span;
    }

    /// <summary>Device memory of some elements, each byte 0xFF, so that what is not written shows.</summary>
    internal DeviceSpan<byte> Allocate<T>(long count) where T : unmanaged
    {
        var buffer = DeviceBuffer.Allocate<T>(_memory, Math.Max(1, count), Stream);
        _buffers.Add(buffer);
        Stream.EnqueueFill(buffer.As<byte>(), 0xFF);
        return buffer.As<byte>();
    }

    /// <summary>What is there now.</summary>
    internal T[] Download<T>(DeviceSpan<byte> from, long count) where T : unmanaged
    {
        var values = new T[count];
        Stream.Download(from.Cast<T>().Slice(0, count), values);
        return values;
    }

    /// <summary>What is enqueued, as a graph that can be launched.</summary>
    internal CudaGraphExec Capture(Action enqueue)
    {
        using var capture = Stream.BeginCapture();
        enqueue();
        using var graph = capture.End();
        Assert.That(graph.NodeCount, Is.Positive);
        return graph.Instantiate();
    }

    public void Dispose()
    {
        if (Context.Fault is null) Stream.Synchronize();
        foreach (var buffer in _buffers) buffer.Dispose();
        Stream.Dispose();
        if (Context.Fault is null) Context.Drain();
        int left = Context.LiveObjects - _liveBefore;
        Context.Dispose();
        Assert.That(left, Is.Zero, "native objects that nobody released");
    }
}
