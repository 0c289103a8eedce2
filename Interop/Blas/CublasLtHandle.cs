using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>cuBLASLt in one context. Holds no state of a call, so plans of one context may share it.</summary>
internal sealed unsafe class CublasLtHandle : IDisposable
{
    private readonly OwnedHandle _handle;

    private CublasLtHandle(OwnedHandle handle, long version)
    {
        _handle = handle;
        Version = version;
    }

    public CudaContext Context => _handle.Context;

    /// <summary>The library's version: algorithms mean something only to the same one.</summary>
    public long Version { get; }

    internal cublasLtHandle_t Handle => new(_handle.Get(this));

    public static CublasLtHandle Create(CudaContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = context.Enter();
        var version = (long)CublasLtApi.cublasLtGetVersion();
        CublasLtApi.cublasLtCreate(out var handle).ThrowIfFailed();
        return new CublasLtHandle(new OwnedHandle(context, handle.Value, &Destroy), version);
    }

    public void Dispose() => _handle.Dispose();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"cuBLASLt {Version}");

    private static void Destroy(CudaContext context, nint handle) =>
        CublasLtApi.cublasLtDestroy(new cublasLtHandle_t(handle)).ParkIfFailed(context);
}
