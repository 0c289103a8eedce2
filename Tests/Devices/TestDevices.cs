using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;
using NUnit.Framework.Internal;

namespace Codat.Native.Tests;

/// <summary>A device that op fixtures run on.</summary>
public sealed record TestDevice(string Name, CpuVectors Vectors, bool IsCuda = false)
{
    public Device Create(int threads = 2) =>
        IsCuda ? CudaTestDevice.CreateDevice() : Device.Cpu(new CpuOptions { Threads = threads, Vectors = Vectors });

    public override string ToString() => Name;
}

/// <summary>The devices of this machine; op fixtures are instantiated once for each.</summary>
public static class TestDevices
{
    public static IEnumerable<TestFixtureData> All()
    {
        foreach (var device in Cpus()) yield return new TestFixtureData(device).SetArgDisplayNames(device.Name);
        // Where there is none, one test says so: see CudaAvailabilityTests.
        if (CudaTestDevice.WhyNot is null)
        {
            var cuda = new TestFixtureData(new TestDevice("cuda", CpuVectors.Best, IsCuda: true)).SetArgDisplayNames("cuda");
            cuda.Properties.Add(PropertyNames.Category, CudaTestDevice.Category);
            yield return cuda;
        }
    }

    internal static IEnumerable<TestDevice> Cpus()
    {
        yield return new TestDevice("portable", CpuVectors.Portable);
        if (CpuIsaInfo.IsSupported(CpuIsa.Avx2)) yield return new TestDevice("avx2", CpuVectors.Avx2);
        if (CpuIsaInfo.IsSupported(CpuIsa.Avx512)) yield return new TestDevice("avx512", CpuVectors.Avx512);
    }
}
