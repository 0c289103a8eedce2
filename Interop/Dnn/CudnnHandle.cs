using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>cuDNN on one stream.</summary>
/// <remarks>One thread at a time: the library forbids sharing a handle.</remarks>
internal sealed unsafe class CudnnHandle : IDisposable
{
    private readonly OwnedHandle _handle;

    private CudnnHandle(OwnedHandle handle, CudaStream stream, long version)
    {
        _handle = handle;
        Stream = stream;
        Version = version;
    }

    public CudaContext Context => _handle.Context;

    /// <summary>The stream everything is enqueued on.</summary>
    public CudaStream Stream { get; }

    /// <summary>Major * 10000 + minor * 100 + patch.</summary>
    public long Version { get; }

    internal cudnnHandle_t Handle => new(_handle.Get(this));

    public static CudnnHandle Create(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var scope = stream.Context.Enter();
        var version = (long)CudnnApi.cudnnGetVersion();
        CudnnApi.cudnnCreate(out var native).ThrowIfFailed();
        var handle = new OwnedHandle(stream.Context, native.Value, &Destroy);
        try
        {
            CudnnApi.cudnnSetStream(native, stream.Handle).ThrowIfFailed();
            return new CudnnHandle(handle, stream, version);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"cuDNN {Version / 10000}.{Version / 100 % 100}.{Version % 100}");

    private static void Destroy(CudaContext context, nint handle) =>
        CudnnApi.cudnnDestroy(new cudnnHandle_t(handle)).ParkIfFailed(context);
}
