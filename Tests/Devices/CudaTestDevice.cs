using Codat.Native.Autograd;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The CUDA device of this machine for tests, real or simulated.</summary>
internal static class CudaTestDevice
{
    public const string Category = "Cuda";

    private static readonly Lazy<string?> s_whyNot = new(FindReason);

    /// <summary>Why there is no CUDA device; null where there is one.</summary>
    public static string? WhyNot => s_whyNot.Value;

    /// <summary>Where tests keep compiled kernels: those of a simulated device must not end up in the user's
    /// cache.</summary>
    public static string KernelCacheFolder { get; } = Environment.GetEnvironmentVariable("CODAT_CACHE_DIR")
        ?? Path.Combine(Path.GetTempPath(), "codat-test-kernels");

    /// <summary>A device of its own, of which nothing is left when it is disposed of: other tests count what lives.
    /// Where there is none the test ends here, ignored.</summary>
    public static CudaDevice CreateDevice()
    {
        if (WhyNot is { } reason) Assert.Ignore(reason);
        return Device.Cuda(0, new CudaSessionOptions { KernelCacheFolder = KernelCacheFolder });
    }

    private static string? FindReason()
    {
        try
        {
            return CudaDriver.DeviceCount > 0 ? null : "the CUDA driver has no device";
        }
        catch (CodatException e)
        {
            return e.Message;
        }
    }
}
