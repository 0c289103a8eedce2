using Codat.Native.Interop;

namespace Codat.Native.Tests;

/// <summary>Contexts and streams without a driver behind them, for everything that only passes them on.</summary>
internal static class FakeCuda
{
    public static CudaDeviceInfo Device { get; } = new()
    {
        Ordinal = 3,
        Name = "Imaginary",
        Uuid = "GPU-00000000-0000-0000-0000-000000000000",
        PciBusId = "0000:01:00.0",
        ComputeCapability = 90,
        MultiprocessorCount = 8,
        TotalBytes = 1 << 30,
        L2CacheBytes = 1 << 20,
        WarpSize = 32,
        MaxThreadsPerBlock = 1024,
        MaxThreadsPerMultiprocessor = 2048,
        SharedBytesPerBlock = 48 << 10,
        SharedBytesPerBlockOptIn = 227 << 10,
        SharedBytesPerMultiprocessor = 228 << 10,
        HasCooperativeLaunch = true,
        HasMemoryPools = true,
    };

    public static CudaContext Context() => new(new CUcontext(0x1000), 0, Device, isOwned: false);

    public static unsafe CudaStream Stream(CudaContext context) => new(new OwnedHandle(context, 0x2000, null));
}
