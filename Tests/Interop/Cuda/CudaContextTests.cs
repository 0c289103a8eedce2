using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Contexts: whose is current when, who gives what back.</summary>
internal sealed class CudaContextTests : CudaFixture
{
    [Test]
    public void Devices_Listed_HavePlausibleNumbers()
    {
        var devices = CudaDriver.GetDevices();

        Assert.That(devices, Has.Count.EqualTo(CudaDriver.DeviceCount).And.Not.Empty);
        Assert.That(CudaDriver.Version, Is.GreaterThanOrEqualTo(CudaDriver.MinimumVersion));
        foreach (var device in devices)
        {
            Assert.That(device.Name, Is.Not.Empty.And.Not.Contains("\0"));
            Assert.That(device.Uuid, Does.Match("^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"));
            Assert.That((device.WarpSize, device.ComputeCapability >= 50, device.TotalBytes > 1 << 20, device.MultiprocessorCount > 0), Is.EqualTo((32, true, true, true)));
            Assert.That(device.SharedBytesPerBlockOptIn, Is.GreaterThanOrEqualTo(device.SharedBytesPerBlock));
        }
    }

    [Test]
    public void Driver_RequiredSymbols_AreAllExported()
    {
        var missing = AbiTests.Required.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(name => !LibraryResolver.TryGetExport(LibraryNames.Cuda, name, out _));

        // One of the two is enough: the driver is expected to drop the older some day.
        Assert.That(missing.Where(name => name != "cuEventElapsedTime"), Is.Empty);
        Assert.That(CudaCapabilities.HasEventElapsedTime || CudaCapabilities.HasEventElapsedTime2, Is.True);
    }

    [Test]
    public void GetDevice_BeyondTheLast_SaysWhichThereAre()
    {
        var error = Assert.Throws<CodatException>(() => CudaContext.RetainPrimary(CudaDriver.DeviceCount));

        Assert.That(error!.Message, Does.Contain($"cuda:{CudaDriver.DeviceCount}").And.Contain("expected cuda:0"));
    }

    [Test]
    public void Enter_NothingCurrent_IsCurrentInsideAndNothingAfter()
    {
        var before = Current();

        CUcontext inside, nested, between;
        using (Context.Enter())
        {
            inside = Current();
            using (Context.Enter()) nested = Current();
            between = Current();
        }

        Assert.That((inside, nested, between), Is.EqualTo((Context.Handle, Context.Handle, Context.Handle)));
        Assert.That(Current(), Is.EqualTo(before).And.EqualTo(default(CUcontext)));
    }

    [Test]
    public void Enter_HostsContextCurrent_RestoresIt()
    {
        using var host = new HostContext();
        using (host.Push())
        {
            using (Context.Enter()) Assert.That(Current(), Is.EqualTo(Context.Handle));
            Stream.Synchronize();

            Assert.That(Current(), Is.EqualTo(host.Handle));
        }
    }

    [Test]
    public void Enter_OwnContextCurrentAlready_LeavesItCurrent()
    {
        CudaApi.cuCtxPushCurrent_v2(Context.Handle).ThrowIfFailed();

        using (Context.Enter()) Assert.That(CudaContext.Entered, Is.SameAs(Context));

        Assert.That((Current(), CudaContext.Entered), Is.EqualTo((Context.Handle, (CudaContext?)null)));
        CudaApi.cuCtxPopCurrent_v2(out _).ThrowIfFailed();
    }

    [Test]
    public void Enter_TwoContextsNested_RestoresEach()
    {
        using var host = new HostContext();
        using var other = CudaContext.Attach(host.Handle.Value);

        using (Context.Enter())
        {
            using (other.Enter())
            {
                using (Context.Enter()) Assert.That(Current(), Is.EqualTo(Context.Handle));
                Assert.That((Current(), CudaContext.Entered), Is.EqualTo((other.Handle, other)));
            }
            Assert.That((Current(), CudaContext.Entered), Is.EqualTo((Context.Handle, Context)));
        }
        Assert.That(Current(), Is.EqualTo(default(CUcontext)));
    }

    [Test]
    public void Enter_OnAnotherThread_IsThatThreadsOwn()
    {
        CUcontext inside = default, after = new(1);
        using var scope = Context.Enter();
        var thread = new Thread(() =>
        {
            using (Context.Enter()) inside = Current();
            after = Current();
        });
        thread.Start();
        thread.Join();

        Assert.That((inside, after), Is.EqualTo((Context.Handle, default(CUcontext))));
    }

    [Test]
    public void Attach_HostsContext_WorksInItAndNeverDestroysIt()
    {
        using var host = new HostContext();
        using (var attached = CudaContext.Attach(host.Handle.Value))
        {
            Assert.That((attached.IsOwned, attached.Device.Ordinal, attached.DangerousHandle), Is.EqualTo((false, 0, host.Handle.Value)));
            using var stream = CudaStream.Create(attached);
            using var buffer = DeviceBuffer.Allocate<int>(new DriverMemoryResource(attached), 4, stream);
            stream.EnqueueFill(buffer.As<int>(), 7);
            Assert.That(Download<int>(buffer, stream), Is.All.EqualTo(7));
        }

        using var again = CudaContext.Attach(host.Handle.Value);
        again.Synchronize();
        Assert.That(Current(), Is.EqualTo(default(CUcontext)));
    }

    [Test]
    public void Attach_Nothing_IsRefused() => Assert.That(() => CudaContext.Attach(0), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Dispose_ObjectsLeft_GivesBackAfterTheLast()
    {
        using var first = CudaContext.RetainPrimary();
        var second = CudaContext.RetainPrimary();
        var stream = CudaStream.Create(second);
        var block = new DriverMemoryResource(second).Allocate(1000, stream);

        second.Dispose();

        Assert.That(() => stream.Synchronize(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(second.LiveObjects, Is.EqualTo(2));
        stream.Dispose();
        new DriverMemoryResource(second).Deallocate(block, stream);
        Assert.That((second.LiveObjects, second.ParkedErrors), Is.EqualTo((0, 0)));
        first.Synchronize();
    }

    [Test]
    public void Retain_ManyTimes_BalancesThePrimaryContext()
    {
        CudaApi.cuDevicePrimaryCtxGetState(CudaDriver.GetDevice(0), out _, out int before).ThrowIfFailed();
        for (int i = 0; i < 10; i++)
        {
            using var context = CudaContext.RetainPrimary();
            context.Synchronize();
        }

        CudaApi.cuDevicePrimaryCtxGetState(CudaDriver.GetDevice(0), out _, out int after).ThrowIfFailed();
        Assert.That((before, after), Is.EqualTo((1, 1)));
        Context.Synchronize();
    }

    [Test]
    public void Drain_ParkedErrors_AreThrownOnce()
    {
        CUresult.CUDA_ERROR_INVALID_VALUE.ParkIfFailed(Context, "cuMemFree_v2(one)");
        CUresult.CUDA_ERROR_INVALID_HANDLE.ParkIfFailed(Context, "cuEventDestroy_v2(two)");

        var error = Assert.Throws<CodatException>(Context.Drain);

        Assert.That(error!.InnerException, Is.InstanceOf<AggregateException>().With.Property("InnerExceptions").Count.EqualTo(2));
        Assert.That(error.Message, Does.Contain("several releases failed").And.Contain("cuMemFree_v2(one)"));
        Assert.That(Context.Drain, Throws.Nothing);
    }

    [Test]
    public void Drain_OneParkedError_IsThrownItself()
    {
        CUresult.CUDA_ERROR_INVALID_VALUE.ParkIfFailed(Context, "cuMemFree_v2(one)");

        Assert.That(Context.Drain, Throws.InstanceOf<CudaException>().With.Property("Code").EqualTo(1).And.Message.Contains(Context.Device.Name));
    }

    [Test]
    public void Memory_Asked_IsWithinTheDevice()
    {
        var (free, total) = Context.GetMemory();

        Assert.That((free, total), Is.EqualTo((free, Context.Device.TotalBytes)).Or.Matches<(long Free, long Total)>(m => m.Free <= m.Total && m.Total <= Context.Device.TotalBytes));
        Assert.That(free, Is.Positive.And.LessThanOrEqualTo(total));
    }

    private static CUcontext Current()
    {
        CudaApi.cuCtxGetCurrent(out var current).ThrowIfFailed();
        return current;
    }
}
