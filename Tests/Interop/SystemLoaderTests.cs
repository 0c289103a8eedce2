using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The system's loader, tried on the C library that every process has.</summary>
internal sealed class SystemLoaderTests
{
    private const string C = "libc.so.6";

    [SetUp]
    public void RequireLinux()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("the C library has this name on Linux only");
    }

    [Test]
    public void FindLoaded_LoadedLibrary_IsFoundByItsBareName() => Assert.That((long)new SystemLoader().FindLoaded(C), Is.Not.Zero);

    [Test]
    public void FindLoaded_NotLoaded_IsNotLoadedByAsking()
    {
        var loader = new SystemLoader();

        Assert.That((long)loader.FindLoaded("libcodat-there-is-no-such.so.1"), Is.Zero);
        // It is on every system, and nothing here uses it.
        Assert.That((long)loader.FindLoaded("libBrokenLocale.so.1"), Is.Zero);
    }

    [Test]
    public void TryLoad_BareName_GivesTheLoadedOne()
    {
        var loader = new SystemLoader();

        Assert.That(loader.TryLoad(C, out nint handle, out _), Is.True);
        Assert.That(handle, Is.EqualTo(loader.FindLoaded(C)));
        Assert.That(loader.Promote(C), Is.True);
    }

    [Test]
    public void TryLoad_NoLibrary_SaysWhyInOneLine()
    {
        using var folder = new TempFolder();
        string file = folder.Write("libcuda.so.1", "not a library");

        Assert.That(new SystemLoader().TryLoad(file, out nint handle, out string error), Is.False);
        Assert.That((long)handle, Is.Zero);
        Assert.That(error, Does.Contain("libcuda.so.1").And.Not.Contain("\n"));
    }

    [Test]
    public void ReadVersion_LibraryWithoutTheFunctions_IsUnknown()
    {
        var loader = new SystemLoader();
        loader.TryLoad(C, out nint handle, out _);

        foreach (var entry in NativeLibraryCatalog.All)
            Assert.That(loader.ReadVersion(entry.LogicalName, handle), Is.EqualTo(((string?)null, 0)), entry.Title);
    }

    [Test]
    public void Probe_Here_SaysInOneLineWhatThereIs([Values(CudaComponents.Driver, CudaComponents.All)] CudaComponents needed)
    {
        var availability = CudaAvailability.Probe(needed);

        Assert.That(availability.Reason, Is.Not.Empty.And.Not.Contain("\n"));
        Assert.That(availability.Devices.Count > 0, Is.EqualTo(availability.IsAvailable));
        Assert.That(CudaAvailability.Probe(needed).Reason, Is.EqualTo(availability.Reason), "asked twice");
    }

    [Test]
    public void Configure_AfterTheProbe_IsRefused()
    {
        CudaAvailability.Probe(CudaComponents.Driver);

        Assert.That(() => NativeLibraries.Configure(new NativeLibraryOptions()), Throws.InstanceOf<CodatException>().With.Message.Contains("first thing"));
        Assert.That(NativeLibraries.Traces.Select(t => t.Title), Does.Contain("the CUDA driver"));
    }
}
