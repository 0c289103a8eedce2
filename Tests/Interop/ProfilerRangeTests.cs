using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>When ranges for profilers are made.</summary>
internal sealed class ProfilerRangeTests
{
    [TestCase(null, null, false)]
    [TestCase(null, "", false)]
    [TestCase(null, "/opt/profiler/injection.so", true)]
    [TestCase("0", "/opt/profiler/injection.so", false)]
    [TestCase("1", null, true)]
    public void IsWanted_ByVariables_FollowsOursFirst(string? own, string? injection, bool wanted) =>
        Assert.That(ProfilerRange.IsWanted(own, injection), Is.EqualTo(wanted));

    [Test]
    public void Open_WithoutTheLibrary_SwitchesItselfOff()
    {
        if (CudaTestDevice.WhyNot is null) Assert.Ignore("the library may be here");
        ProfilerRange.IsEnabled = true;

        using (ProfilerRange.Open("step\0"u8)) Assert.That(ProfilerRange.IsEnabled, Is.False);
    }
}
