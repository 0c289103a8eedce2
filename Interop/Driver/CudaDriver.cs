using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>The CUDA driver of this machine: initialised once, on first use.</summary>
/// <remarks>Thread-safe. Creates no context.</remarks>
public static class CudaDriver
{
    /// <summary>The oldest driver interface that is supported: 12.0.</summary>
    public const int MinimumVersion = 12000;

    private static readonly Lock s_gate = new();
    private static CUresult? s_initialised;
    private static int s_version;

    /// <summary>The newest CUDA version the driver supports, as 1000 * major + 10 * minor.</summary>
    public static int Version
    {
        get
        {
            Initialize();
            return s_version;
        }
    }

    /// <summary>The number of devices visible to this process.</summary>
    public static int DeviceCount
    {
        get
        {
            Initialize();
            CudaApi.cuDeviceGetCount(out int count).ThrowIfFailed();
            return count;
        }
    }

    /// <summary>Describes every device visible to this process.</summary>
    public static IReadOnlyList<CudaDeviceInfo> GetDevices()
    {
        var devices = new CudaDeviceInfo[DeviceCount];
        for (int i = 0; i < devices.Length; i++) devices[i] = CudaDeviceInfo.Read(GetDevice(i), i);
        return devices;
    }

    /// <summary>Loads the driver, checks its version and initialises it; later calls cost a lock.</summary>
    internal static void Initialize()
    {
        lock (s_gate)
        {
            if (s_initialised is null)
            {
                LibraryResolver.Load(LibraryNames.Cuda);
                CudaApi.cuDriverGetVersion(out s_version).ThrowIfFailed();
                // Before cuInit: its errors on an old driver say less than the version does.
                if (s_version < MinimumVersion) throw TooOld(s_version);
                s_initialised = CudaApi.cuInit(0);
            }
            s_initialised.Value.ThrowIfFailed("cuInit(0)");
        }
    }

    /// <summary>The driver's number for an ordinal.</summary>
    internal static int GetDevice(int ordinal)
    {
        int count = DeviceCount;
        if ((uint)ordinal >= (uint)count)
        {
            throw new CodatException("there is no such CUDA device",
                string.Create(CultureInfo.InvariantCulture, $"cuda:{ordinal}"), Range(count),
                fix: "see codat info for the devices; CUDA_VISIBLE_DEVICES may hide some");
        }
        CudaApi.cuDeviceGet(out int device, ordinal).ThrowIfFailed();
        return device;
    }

    /// <summary>A driver or toolkit version as people write it: 12040 is 12.4.</summary>
    internal static string Format(int version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}");

    private static CodatException TooOld(int version) =>
        new("the NVIDIA driver is too old", null, $"CUDA {Format(MinimumVersion)} or newer",
            $"CUDA {Format(version)}", "update the driver (525 or newer)", isUsage: false);

    private static string Range(int count) => count switch
    {
        0 => "a visible device, but there is none",
        1 => "cuda:0",
        _ => string.Create(CultureInfo.InvariantCulture, $"cuda:0 to cuda:{count - 1}"),
    };
}
