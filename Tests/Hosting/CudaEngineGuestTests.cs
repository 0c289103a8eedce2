using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Engines as guests: what is the application's is asked about, restored, never waited for and given back.</summary>
internal sealed class CudaEngineGuestTests : CudaEngineFixture
{
    private const int WarmUp = 4;

    // What a guest never calls, whatever happens.
    private static readonly string[] s_forbidden =
    [
        "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2", "cuDevicePrimaryCtxSetFlags_v2", "cuCtxSetCurrent",
        "cuCtxSynchronize", "cuCtxCreate_v2", "cuCtxDestroy_v2",
    ];

    // What would wait, or take memory or handles, in a step.
    private static readonly string[] s_notInSteps =
    [
        "cuStreamSynchronize", "cuEventSynchronize", "cuMemAlloc_v2", "cuMemFree_v2", "cuMemHostAlloc", "cuEventCreate",
        "cuStreamCreateWithPriority", "cuModuleLoadData", "cuStreamBeginCapture_v2",
    ];

    [Test]
    public void EveryCall_AnotherContextCurrent_IsCurrentAfterwards([Values] HostMode mode, [Values] bool isOwn)
    {
        using var folder = new TempFolder();
        using var other = new HostContext();
        var path = folder.File("net.safetensors");
        var bad = DeviceBatch.Of(new DeviceSpan<byte>(4096, EngineSetup.Values), new DeviceSpan<int>(4096, EngineSetup.Batch));
        var batch = Host.Batch(0);
        var expected = isOwn ? Host.Handle : other.Handle;
        CudaApi.cuCtxPushCurrent_v2(expected).ThrowIfFailed();
        CodatEngine? engine = null;
        Action[] calls =
        [
            () => engine = CodatEngine.Create(Host.Options(mode)),
            () => engine!.Step(batch).Read(),
            () => engine!.Step(EngineSetup.Host(1)).Read(),
            () => Assert.That(() => engine!.Step(bad), Throws.InstanceOf<CodatException>()),
            () => Assert.That(() => CodatEngine.Create(Host.Options(mode) with { MemoryLimitBytes = 1000 }), Throws.InstanceOf<CudaOutOfMemoryException>()),
            () => engine!.Predict(batch).Read(),
            () => engine!.Evaluate(batch, EngineSetup.Pgd).Read(),
            () => engine!.Save(path),
            () => engine!.Load(path),
            () => Assert.That(() => engine!.Load(folder.File("none")), Throws.InstanceOf<CodatException>()),
            () => Assert.That(engine!.LastStep.IsReady, Is.True),
            () => engine!.Dispose(),
        ];
        for (var i = 0; i < calls.Length; i++)
        {
            calls[i]();
            Assert.That(Current, Is.EqualTo(expected), $"after call {i}");
        }
        CudaApi.cuCtxPopCurrent_v2(out _).ThrowIfFailed();
    }

    [Test]
    public void Steps_AfterWarmUp_WaitForNothingAndTakeNothing([Values] HostMode mode)
    {
        RequireSimulation();
        using var engine = CodatEngine.Create(Host.Options(mode));
        var batch = Host.Batch(0);
        // Once round the numbers that are kept, and on: whatever happens for the first time has happened.
        for (var i = 0; i < 40; i++) engine.Step(batch with { Epoch = i });
        engine.LastStep.Read();
        var alive = SimulatedDriver.Alive();
        var before = Counts();
        var bytes = GC.GetAllocatedBytesForCurrentThread();

        // Settings vary, and nobody reads.
        for (var i = 0; i < 50; i++)
        {
            engine.LearningRate = 0.1 / (i + 1);
            engine.Step(batch with { Epoch = i });
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - bytes, Is.Zero, "managed bytes");
        var after = Counts();
        Assert.That(s_notInSteps.Where(s => after.GetValueOrDefault(s) != before.GetValueOrDefault(s)), Is.Empty);
        Assert.That(SimulatedDriver.Alive(), Is.EqualTo(alive));
    }

    [Test]
    public void Life_OfAnEngine_NeverTouchesWhatIsTheHosts([Values] HostMode mode)
    {
        RequireSimulation();
        var batch = Host.Batch(0);
        SimulatedDriver.Reset();
        using (var engine = CodatEngine.Create(Host.Options(mode)))
        {
            for (var i = 0; i < WarmUp; i++) engine.Step(batch);
            engine.Predict(batch).Read();
        }

        Assert.That(Counts().Keys.Intersect(s_forbidden), Is.Empty);
        Host.Stream.Synchronize();
    }

    [Test]
    public void Dispose_InAdoptMode_DoesNotWaitForTheHostsStream()
    {
        RequireSimulation();
        var engine = CodatEngine.Create(Host.Options(HostMode.Adopt));
        engine.Step(Host.Batch(0));
        var before = Counts().GetValueOrDefault("cuStreamSynchronize");

        engine.Dispose();

        Assert.That(Counts().GetValueOrDefault("cuStreamSynchronize"), Is.EqualTo(before));
    }

    [Test]
    public void Cycles_AHundred_LeaveNothingAlive()
    {
        RequireSimulation();
        var batch = Host.Batch(0);
        string[] alive = [];
        for (var i = 0; i < 100; i++)
        {
            using (var engine = CodatEngine.Create(Host.Options((HostMode)(i % 2), "mlp"))) engine.Step(batch);
            if (i == 1) alive = SimulatedDriver.Alive();
        }

        Assert.That(SimulatedDriver.Alive(), Is.EqualTo(alive));
        Assert.That(alive, Has.None.Contains("graph").And.None.Contains("module"));
    }

    [Test]
    public void Memory_OfTheHost_IsTheOnlyOneUsedAndGetsEverythingBack([Values] HostMode mode)
    {
        var memory = new DeviceStatisticsResource(new DriverMemoryResource(Host.Context));
        var batches = Enumerable.Range(0, WarmUp).Select(Host.Batch).ToArray();
        var before = SimulatedDriver.IsPresent ? Counts().GetValueOrDefault("cuMemAlloc_v2") : 0;
        using (var engine = CodatEngine.Create(Host.Options(mode) with { Memory = memory }))
        {
            foreach (var batch in batches) engine.Step(batch);
            engine.Evaluate(batches[0], EngineSetup.Pgd).Read();
            Assert.That(memory.LiveBytes, Is.Positive.And.EqualTo(engine.Memory!.LiveBytes));
            if (SimulatedDriver.IsPresent)
                Assert.That(Counts()["cuMemAlloc_v2"] - before, Is.EqualTo(memory.AllocationCount), "memory from elsewhere");
        }

        Assert.That((memory.LiveBytes, memory.LiveBlocks), Is.EqualTo((0, 0)));
    }

    [Test]
    public void MemoryLimit_TooSmall_NamesTheNumbersAndGivesEverythingBack([Values] HostMode mode)
    {
        var memory = new DeviceStatisticsResource(new DriverMemoryResource(Host.Context));
        using (CodatEngine.Create(Host.Options(mode) with { Memory = memory }))
        {
        }
        var needed = memory.PeakBytes;
        using (CodatEngine.Create(Host.Options(mode) with { Memory = memory, MemoryLimitBytes = needed }))
        {
        }

        // Somewhere in the middle of what is taken, one allocation after the other.
        for (var limit = needed - 1; limit > 1000; limit /= 2)
        {
            var error = Assert.Throws<CudaOutOfMemoryException>(() => CodatEngine.Create(Host.Options(mode) with { Memory = memory, MemoryLimitBytes = limit }));
            Assert.That(error!.Message, Does.Contain($"of the limit of {limit:N0} bytes are in use").And.Contain("a request for"));
            Assert.That((memory.LiveBytes, memory.LiveBlocks), Is.EqualTo((0, 0)), $"limit {limit}");
        }
        CollectFinalizers();
    }

    [Test]
    public void MemoryLimit_OfTheEnginesOwnPool_IsWhatTheDeviceGives()
    {
        RequireSimulation();
        const long Limit = 3 << 20;
        var (free, _) = Host.Context.GetMemory();

        using var engine = CodatEngine.Create(Host.Options() with { MemoryLimitBytes = Limit });
        engine.Step(EngineSetup.Host(0)).Read();

        Assert.That(free - Host.Context.GetMemory().FreeBytes, Is.Positive.And.LessThanOrEqualTo(Limit));
        Assert.That(() => CodatEngine.Create(Host.Options() with { MemoryLimitBytes = 50_000 }),
            Throws.InstanceOf<CudaOutOfMemoryException>().With.Message.Contains("the limit of 50,000 bytes").And.Message.Contains("the pool has"));
        CollectFinalizers();
    }

    [Test]
    public void Create_StreamOfAnotherContext_IsRefused()
    {
        using var other = HostService.Start();

        Refused("(HostStream)", () => CodatEngine.Create(Host.Options() with { HostStream = other.Stream }));
        Refused("(Memory)", () => CodatEngine.Create(Host.Options() with { Memory = new DriverMemoryResource(other.Context) }));
        Refused("(HostStream); expected the stream to adopt", () => CodatEngine.Create(Host.Options(HostMode.Adopt) with { HostStream = null }));
    }

    [Test]
    public void AnyCall_HostRecordsOnItsStream_IsRefusedAndLeavesTheRecordingGood([Values] HostMode mode)
    {
        using var engine = CodatEngine.Create(Host.Options(mode));
        var batch = Host.Batch(0);
        using var hosts = CudaStream.Attach(Host.Context, Host.Stream.DangerousHandle);
        using var capture = hosts.BeginCapture();

        Refused("recording a graph", () => engine.Step(batch));
        Refused("recording a graph", () => engine.Predict(EngineSetup.Host(0)));
        Refused("recording a graph", () => CodatEngine.Create(Host.Options(mode)));

        Assert.That(capture.IsValid, Is.True);
        capture.Dispose();
        Assert.That(engine.Step(batch).Read().Step, Is.EqualTo(1));
    }

    [Test]
    public void Step_AddressThatCannotBeUsed_IsRefusedWithTheReason([Values] HostMode mode)
    {
        using var engine = CodatEngine.Create(Host.Options(mode));
        using var other = HostService.Start();
        using var pinned = PinnedBuffer.Allocate(Host.Context, EngineSetup.Values * sizeof(float));
        var (pixels, labels) = (Host.Upload(EngineSetup.Bytes(0)), Host.Upload(EngineSetup.Labels(0)));
        ulong pinnedAddress;
        unsafe
        {
            pinnedAddress = (ulong)pinned.GetPointer(0, 0);
        }

        Refused("which CUDA does not know", () => engine.Step(DeviceBatch.Of(new DeviceSpan<byte>(0x10000, EngineSetup.Values), labels)));
        Refused("in host memory; hand it in as a host batch", () => engine.Step(DeviceBatch.Of(new DeviceSpan<byte>(pinnedAddress, EngineSetup.Values), labels)));
        Refused("allocate the batch in the context", () => engine.Step(DeviceBatch.Of(other.Upload(EngineSetup.Bytes(0)), labels)));
        Refused("1,152 bytes, found 1,024 to the end", () => engine.Step(DeviceBatch.Of(new DeviceSpan<byte>(pixels.Address + 256, EngineSetup.Values), labels)));
        Refused("multiple of 4", () => engine.Step(DeviceBatch.Of(pixels, new DeviceSpan<int>(labels.Address + 2, EngineSetup.Batch))));
        Refused("sample ids", () => engine.Step(DeviceBatch.Of(pixels, labels) with { SampleIds = new DeviceSpan<int>(0x10000, EngineSetup.Batch) }));
        Assert.That(engine.LastStep.Number, Is.Zero);
        Assert.That(engine.Step(DeviceBatch.Of(pixels, labels)).Read().Step, Is.EqualTo(1));
    }

    [Test]
    public void Dispose_ContextAndStreamWrappersFirst_StillGivesEverythingBack([Values] HostMode mode)
    {
        var service = HostService.Start();
        var engine = CodatEngine.Create(service.Options(mode));
        engine.Step(service.Batch(0));
        service.Stream.Dispose();
        service.Context.Dispose();

        Assert.That(() => engine.Step(EngineSetup.Host(0)), Throws.InstanceOf<ObjectDisposedException>());
        engine.Dispose();
        service.Dispose();
    }

    [Test]
    public void Context_DestroyedByItsOwner_IsOneClearErrorAndDisposingIsHarmless([Values] HostMode mode)
    {
        RequireSimulation();
        var service = HostService.Start();
        var engine = CodatEngine.Create(service.Options(mode));
        var batch = service.Batch(0);
        engine.Step(batch).Read();
        service.DestroyContext();
        SimulatedDriver.Reset(); // what the owner left alive in it

        Assert.That(() => engine.Step(batch), Throws.InstanceOf<CudaContextLostException>().With.Message.Contains("CUDA_ERROR_CONTEXT_IS_DESTROYED"));
        Assert.That(() => engine.Save("nowhere"), Throws.InstanceOf<CudaContextLostException>());
        Assert.That(() => CudaContext.Attach(service.Handle.Value), Throws.InstanceOf<CudaContextLostException>());
        Assert.That(() => CudaContext.Attach(12345), Throws.InstanceOf<CudaContextLostException>().With.Message.Contains("CUDA_ERROR_INVALID_CONTEXT"));
        // Another context is current: nothing of the lost one may be released in it.
        CudaApi.cuCtxPushCurrent_v2(Host.Handle).ThrowIfFailed();
        engine.Dispose();
        service.Dispose();
        CudaApi.cuCtxPopCurrent_v2(out _).ThrowIfFailed();
    }

    [Test]
    public void Context_WithAFault_IsOneClearErrorAndDisposingIsHarmless([Values] HostMode mode)
    {
        RequireSimulation();
        var engine = CodatEngine.Create(Host.Options(mode));
        var batch = Host.Batch(0);
        SimulatedDriver.SetFault("cuLaunchKernel", 5, CUresult.CUDA_ERROR_ILLEGAL_ADDRESS);

        Assert.That(() => engine.Step(batch), Throws.InstanceOf<CudaException>().With.Message.Contains("CUDA_ERROR_ILLEGAL_ADDRESS"));
        Assert.That(() => engine.Step(batch), Throws.InstanceOf<CudaContextPoisonedException>());
        Refused("a kernel of the host application has faulted", () => CudaContext.Attach(Host.Handle.Value));
        Assert.That(Current, Is.EqualTo(default(CUcontext)));
        engine.Dispose();
    }

    [Test]
    public void Attach_DefaultStream_IsRefused([Values(0, 1, 2)] int handle) =>
        Refused("a default stream cannot be attached", () => CudaStream.Attach(Host.Context, handle));

    private static Dictionary<string, long> Counts() => SimulatedDriver.Calls().ToDictionary(c => c.Symbol, c => c.Calls);

    /// <summary>Handles of plans that failed halfway are released by way of finalizers and the next drain.</summary>
    private void CollectFinalizers()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Host.Context.Drain();
    }
}
