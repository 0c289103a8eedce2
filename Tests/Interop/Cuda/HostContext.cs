using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A context of its own, such as an application around us might have; made by calls we do not bind.</summary>
internal sealed unsafe class HostContext : IDisposable
{
    public HostContext()
    {
        var create = (delegate* unmanaged<CUcontext*, uint, int, CUresult>)Export("cuCtxCreate_v2");
        CUcontext context;
        create(&context, 0, CudaDriver.GetDevice(0)).ThrowIfFailed("cuCtxCreate_v2");
        Handle = context;
        // It is current now, and an application would push it where it needs it.
        CudaApi.cuCtxPopCurrent_v2(out _).ThrowIfFailed();
    }

    public CUcontext Handle { get; }

    public Pushed Push()
    {
        CudaApi.cuCtxPushCurrent_v2(Handle).ThrowIfFailed();
        return new Pushed();
    }

    public void Dispose() => ((delegate* unmanaged<CUcontext, CUresult>)Export("cuCtxDestroy_v2"))(Handle).ThrowIfFailed("cuCtxDestroy_v2");

    private static nint Export(string name)
    {
        if (!LibraryResolver.TryGetExport(LibraryNames.Cuda, name, out nint address)) Assert.Ignore($"this driver has no {name}");
        return address;
    }

    internal readonly struct Pushed : IDisposable
    {
        public void Dispose() => CudaApi.cuCtxPopCurrent_v2(out _).ThrowIfFailed();
    }
}
