using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Says once, for all of them, why the tests of category Cuda are left out where they are.</summary>
internal sealed class CudaAvailabilityTests
{
    [Test]
    public void CudaTests_OnThisMachine_AreThere()
    {
        if (CudaTestDevice.WhyNot is { } reason) Assert.Ignore($"all tests of category {CudaTestDevice.Category} are left out: {reason}");
    }
}
