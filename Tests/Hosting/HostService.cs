using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>An application with a context, a stream and device memory of its own, in which engines are created.</summary>
internal sealed class HostService : IDisposable
{
    private readonly HostContext _host = new();
    private readonly CudaStream _stream;
    private readonly List<DeviceBuffer> _buffers = [];
    private bool _isGone;

    private HostService()
    {
        Context = CudaContext.Attach(_host.Handle.Value);
        _stream = CudaStream.Create(Context);
        Stream = CudaStream.Attach(Context, _stream.DangerousHandle);
    }

    public static HostService Start() => new();

    public CudaContext Context { get; }

    /// <summary>The application's stream, attached.</summary>
    public CudaStream Stream { get; }

    public CUcontext Handle => _host.Handle;

    public CodatEngineOptions Options(HostMode mode = HostMode.ForkJoin, string model = "small-cnn") =>
        EngineSetup.Options(model) with { Context = Context, HostStream = Stream, Mode = mode };

    public DeviceSpan<T> Upload<T>(params T[] values) where T : unmanaged
    {
        var span = Allocate<T>(values.Length);
        _stream.Upload(values, span);
        return span;
    }

    public DeviceSpan<T> Allocate<T>(int length) where T : unmanaged
    {
        var buffer = DeviceBuffer.Allocate<T>(new DriverMemoryResource(Context), length, _stream);
        _buffers.Add(buffer);
        return buffer.As<T>();
    }

    /// <summary>The same batch as <see cref="EngineSetup.Host"/>.</summary>
    public DeviceBatch Batch(int number) => Complete(
        DeviceBatch.Of(Upload(EngineSetup.Bytes(number)), Upload(EngineSetup.Labels(number))), number);

    public DeviceBatch Complete(DeviceBatch batch, int number) =>
        batch with { SampleIds = Upload(EngineSetup.Ids(number)), Epoch = number / 3 };

    /// <summary>Weights after steps on device batches 0, 1, ...</summary>
    public float[] Train(CodatEngine engine, int steps)
    {
        for (var i = 0; i < steps; i++) engine.Step(Batch(i));
        return engine.Network.Weights.ToArray<float>();
    }

    /// <summary>Ends the context without a word to those who use it.</summary>
    public void DestroyContext()
    {
        _isGone = true;
        _host.Dispose();
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers) buffer.Dispose();
        Stream.Dispose();
        _stream.Dispose();
        Context.Dispose();
        if (!_isGone) _host.Dispose();
    }
}
