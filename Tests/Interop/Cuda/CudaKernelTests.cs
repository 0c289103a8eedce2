using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Modules and launches.</summary>
internal sealed class CudaKernelTests : CudaFixture
{
    private const string Source = """
        struct Args { float* x; float scale; int count; };

        extern "C" __global__ void scale(const Args args)
        {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < args.count) args.x[i] = args.x[i] * args.scale;
        }

        extern "C" __global__ void sum_shared(const Args args)
        {
            extern __shared__ float values[];
            for (int i = threadIdx.x; i < args.count; i += blockDim.x) values[i] = args.x[i];
            __syncthreads();
            if (threadIdx.x == 0)
            {
                float sum = 0;
                for (int i = 0; i < args.count; i++) sum += values[i];
                args.x[0] = sum;
            }
        }
        """;

    private CudaModule _module = null!;

    protected override CudaComponents Needed => CudaComponents.Driver | CudaComponents.Nvrtc;

    private readonly record struct Args(ulong X, float Scale, int Count);

    [SetUp]
    public void Load() => _module = CudaModule.Load(Context, TestKernel.Compile(Context, Source));

    [TearDown]
    public void Unload() => _module.Dispose();

    [Test]
    public void Launch_Elements_AreEachDoneOnce()
    {
        var kernel = _module.GetKernel<Args>("scale");
        using var buffer = Upload(Enumerable.Range(0, 1000).Select(i => (float)i).ToArray());

        kernel.Launch(Stream, LaunchShape.ForElements(1000, 128), new Args(buffer.As<float>().Address, 3, 1000));

        Assert.That(Download<float>(buffer), Is.EqualTo(Enumerable.Range(0, 1000).Select(i => 3f * i)));
    }

    [Test]
    public void Launch_ArgumentsChangedAfterwards_UsesWhatTheyWere()
    {
        var kernel = _module.GetKernel<Args>("scale");
        using var buffer = Upload(1f);

        for (int i = 0; i < 5; i++)
        {
            var args = new Args(buffer.As<float>().Address, 2, 1);
            kernel.Launch(Stream, LaunchShape.ForElements(1), args);
        }

        Assert.That(Download<float>(buffer), Is.EqualTo(new[] { 32f }));
    }

    [Test]
    public void Launch_NoElements_DoesNothing()
    {
        var kernel = _module.GetKernel<Args>("scale");

        kernel.Launch(Stream, LaunchShape.ForElements(0), default);

        Stream.Synchronize();
    }

    [Test]
    public void Launch_MoreSharedMemoryThanUsual_IsAskedFor()
    {
        int count = (Context.Device.SharedBytesPerBlockOptIn - 1024) / sizeof(float);
        var kernel = _module.GetKernel<Args>("sum_shared");
        using var buffer = Upload(Enumerable.Repeat(1f, count).ToArray());

        kernel.Launch(Stream, LaunchShape.ForRows(1, 128, count * sizeof(float)), new Args(buffer.As<float>().Address, 0, count));

        Assert.That(Download<float>(buffer)[0], Is.EqualTo((float)count));
    }

    [Test]
    public void Launch_BlockTooLarge_NamesKernelAndShape()
    {
        var kernel = _module.GetKernel<Args>("scale");

        var error = Assert.Throws<CudaException>(() => kernel.Launch(Stream, LaunchShape.ForRows(1, 2048), default));

        Assert.That(error!.Message, Does.Contain("cuLaunchKernel(scale").And.Contain("block 2048x1x1"));
        Stream.Synchronize();
    }

    [Test]
    public void Launch_ModuleDisposed_Throws()
    {
        var kernel = _module.GetKernel<Args>("scale");
        _module.Dispose();

        Assert.That(() => kernel.Launch(Stream, LaunchShape.ForRows(1), default), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _module.GetKernel<Args>("scale"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void GetKernel_NotThere_SaysItsName() =>
        Assert.That(() => _module.GetKernel<Args>("absent"),
            Throws.InstanceOf<CudaException>().With.Property("Code").EqualTo(500).And.Message.Contains("absent"));

    [Test]
    public void Load_Garbage_IsRefusedAndTheContextGoesOn()
    {
        byte[] garbage = [.. Enumerable.Range(1, 64).Select(i => (byte)(i * 37)), 0];

        Assert.That(() => CudaModule.Load(Context, garbage), Throws.InstanceOf<CudaException>().With.Message.Contains("cuModuleLoadDataEx(65 bytes)"));
        Stream.Synchronize();
    }

    [Test]
    public void Attributes_OfAKernel_ArePlausible()
    {
        var kernel = _module.GetKernel<Args>("scale");
        kernel.Load();

        Assert.That((kernel.MaxThreadsPerBlock >= 128, kernel.RegistersPerThread > 0, kernel.StaticSharedBytes), Is.EqualTo((true, true, 0)));
        Assert.That(kernel.GetResidentBlocks(128), Is.Positive);
    }

    [Test]
    public void Replay_RecordedLaunch_IsTheSameAsEager()
    {
        var kernel = _module.GetKernel<Args>("scale");
        using var buffer = Upload(1f, 2f);
        var args = new Args(buffer.As<float>().Address, 10, 2);
        CudaGraph graph;
        using (var capture = Stream.BeginCapture())
        {
            kernel.Launch(Stream, LaunchShape.ForElements(2), args);
            graph = capture.End();
        }
        using var executable = graph.Instantiate();
        graph.Dispose();

        for (int i = 0; i < 3; i++) executable.Launch(Stream);

        Assert.That(Download<float>(buffer), Is.EqualTo(new[] { 1000f, 2000f }));
    }

    [Test]
    public void Launch_WarmLoop_AllocatesNothingManaged()
    {
        var kernel = _module.GetKernel<Args>("scale");
        using var buffer = Upload(new float[1000]);
        var args = new Args(buffer.As<float>().Address, 1, 1000);
        Run(kernel, args);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(kernel, args);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Stream.Synchronize();
    }

    private void Run(CudaKernel<Args> kernel, in Args args)
    {
        for (int i = 0; i < 100; i++) kernel.Launch(Stream, LaunchShape.ForElements(1000), args);
    }
}
