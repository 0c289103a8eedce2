using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Codat.Native.Interop;

/// <summary>What does not change about a CUDA device: an immutable snapshot.</summary>
public sealed record CudaDeviceInfo
{
    /// <summary>Its number among the devices visible to this process.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The product's name.</summary>
    public required string Name { get; init; }

    /// <summary>The identifier that stays the same across machines and restarts, as nvidia-smi prints it.</summary>
    public required string Uuid { get; init; }

    /// <summary>The bus address.</summary>
    public required string PciBusId { get; init; }

    /// <summary>Compute capability as major * 10 + minor: 90 for sm_90.</summary>
    public required int ComputeCapability { get; init; }

    /// <summary>Streaming multiprocessors.</summary>
    public required int MultiprocessorCount { get; init; }

    /// <summary>Memory of the device in bytes.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>Second-level cache in bytes.</summary>
    public required int L2CacheBytes { get; init; }

    /// <summary>Threads in a warp.</summary>
    public required int WarpSize { get; init; }

    /// <summary>The most threads in a block.</summary>
    public required int MaxThreadsPerBlock { get; init; }

    /// <summary>The most threads resident on a multiprocessor.</summary>
    public required int MaxThreadsPerMultiprocessor { get; init; }

    /// <summary>Shared memory a block may use without asking for more, in bytes.</summary>
    public required int SharedBytesPerBlock { get; init; }

    /// <summary>Shared memory a kernel may ask for, in bytes.</summary>
    public required int SharedBytesPerBlockOptIn { get; init; }

    /// <summary>Shared memory of a multiprocessor in bytes.</summary>
    public required int SharedBytesPerMultiprocessor { get; init; }

    /// <summary>Whether all blocks of a launch can wait for one another.</summary>
    public required bool HasCooperativeLaunch { get; init; }

    /// <summary>Whether the driver has stream-ordered memory pools here.</summary>
    public required bool HasMemoryPools { get; init; }

    /// <summary>Ordinal and name, as messages show them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"cuda:{Ordinal} {Name}");

    /// <summary>Asks the driver; needs no context.</summary>
    internal static CudaDeviceInfo Read(int device, int ordinal)
    {
        CudaApi.cuDeviceTotalMem_v2(out nuint bytes, device).ThrowIfFailed();
        return new CudaDeviceInfo
        {
            Ordinal = ordinal,
            Name = ReadName(device),
            Uuid = ReadUuid(device),
            PciBusId = ReadBusId(device),
            ComputeCapability = 10 * Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
            MultiprocessorCount = Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
            TotalBytes = checked((long)bytes),
            L2CacheBytes = Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE),
            WarpSize = Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_WARP_SIZE),
            MaxThreadsPerBlock = Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
            MaxThreadsPerMultiprocessor =
                Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR),
            SharedBytesPerBlock = Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK),
            SharedBytesPerBlockOptIn =
                Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
            SharedBytesPerMultiprocessor =
                Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
            HasCooperativeLaunch = Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH) != 0,
            HasMemoryPools = Get(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) != 0,
        };
    }

    private static int Get(int device, CUdevice_attribute attribute)
    {
        CudaApi.cuDeviceGetAttribute(out int value, attribute, device).ThrowIfFailed();
        return value;
    }

    private static unsafe string ReadName(int device)
    {
        const int Length = 256;
        byte* text = stackalloc byte[Length];
        CudaApi.cuDeviceGetName(text, Length, device).ThrowIfFailed();
        return ToText(text, Length);
    }

    private static unsafe string ReadBusId(int device)
    {
        const int Length = 32;
        byte* text = stackalloc byte[Length];
        CudaApi.cuDeviceGetPCIBusId(text, Length, device).ThrowIfFailed();
        return ToText(text, Length);
    }

    private static unsafe string ToText(byte* text, int length)
    {
        var bytes = new ReadOnlySpan<byte>(text, length);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static string ReadUuid(int device)
    {
        CudaApi.cuDeviceGetUuid_v2(out var uuid, device).ThrowIfFailed();
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<CUuuid>(in uuid));
        return "GPU-" + new Guid(bytes, bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
    }
}
