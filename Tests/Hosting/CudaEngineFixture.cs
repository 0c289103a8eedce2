using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Tests of engines in an application's context: every one ends with no misuse and nothing left alive.</summary>
[CudaFixture]
internal abstract class CudaEngineFixture
{
    private HostService? _host;

    protected HostService Host => _host ?? throw new InvalidOperationException("no test is running");

    protected static CUcontext Current
    {
        get
        {
            CudaApi.cuCtxGetCurrent(out var current).ThrowIfFailed();
            return current;
        }
    }

    [SetUp]
    public void StartHost()
    {
        SimulatedDriver.Reset();
        _host = HostService.Start();
    }

    [TearDown]
    public void StopHost()
    {
        if (_host is null) return;
        _host.Dispose();
        _host = null;
        Assert.That(Current, Is.EqualTo(default(CUcontext)), "a context is left current");
        if (!SimulatedDriver.IsPresent) return;
        Assert.That(SimulatedDriver.Problems(), Is.Empty);
        Assert.That(SimulatedDriver.Alive(), Is.Empty);
    }

    protected static void RequireSimulation()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a real driver does not count calls");
    }

    protected static void Refused(string text, Action use) =>
        Assert.That(() => use(), Throws.InstanceOf<CodatException>().With.Message.Contains(text));
}
