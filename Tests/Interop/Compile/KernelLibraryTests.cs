using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Kernels from source to launch, on a CUDA device, true or simulated.</summary>
[CudaFixture]
internal sealed class KernelLibraryTests
{
    private const int Count = 100;

    private static readonly KernelSource s_scale = KernelSource.FromText("scale.cu", """
        struct Args { float* x; int count; float by; };
        static_assert(sizeof(Args) == ARGS_SIZE, "the host's struct differs");
        extern "C" __global__ void scale(Args args) {
            const int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < args.count) args.x[i] = args.x[i] * args.by + PLUS;
        }
        """);

    private CudaScratch _cuda = null!; // made before each test
    private TempFolder _folder = null!; // made before each test
    private int _compilations;

    private struct ScaleArgs
    {
        public ulong X;
        public int Count;
        public float By;
    }

    [SetUp]
    public void SetUp()
    {
        _cuda = CudaScratch.Require(CudaComponents.Driver | CudaComponents.Nvrtc);
        _folder = NewFolder();
        _compilations = 0;
    }

    [TearDown]
    public void TearDown()
    {
        _folder?.Dispose();
        _cuda?.Dispose();
    }

    [Test]
    public void Get_ASource_RunsIt()
    {
        using var library = Library();
        var x = _cuda.Upload(SmallNumbers.Make(Count, 1));

        Launch(library.Get<ScaleArgs>(s_scale, "scale", Options(5)), x);

        Assert.That(_cuda.Download<float>(x, Count),
            Is.EqualTo(Array.ConvertAll(SmallNumbers.Make(Count, 1), v => v * 3 + 5)));
    }

    [Test]
    public void Get_Again_CompilesOnceInMemoryAndOnDisk()
    {
        using (var library = Library())
        {
            library.Get<ScaleArgs>(s_scale, "scale", Options(1));
            library.Get<ScaleArgs>(s_scale, "scale", Options(1));
            Assert.That(CubinsOnDisk(), Is.EqualTo(1));
            library.Get<ScaleArgs>(s_scale, "scale", Options(2));
            Assert.That(CubinsOnDisk(), Is.EqualTo(2));
        }
        foreach (string note in Directory.GetFiles(_folder.Path, "*.txt")) File.SetLastWriteTimeUtc(note, DateTime.UnixEpoch);
        using var second = Library();

        second.Get<ScaleArgs>(s_scale, "scale", Options(1));

        Assert.That(CubinsOnDisk(), Is.EqualTo(2));
        // Compiled again, its note would have been written again.
        Assert.That(Directory.GetFiles(_folder.Path, "*.txt").Select(File.GetLastWriteTimeUtc),
            Is.All.EqualTo(DateTime.UnixEpoch));
    }

    [Test]
    public void Get_ImageThatTheDriverRefuses_IsMadeAnew()
    {
        byte[] junk = [.. "\u007fELF junk that no driver takes"u8];
        var build = KernelBuild.For(s_scale, 16, Options(7));
        var compiler = NvrtcCompiler.Get();
        var cache = new CubinCache(_folder.Path);
        string target = compiler.Target(_cuda.Context.Device.ComputeCapability);
        cache.Write(build.Key(target, compiler.Version), junk);
        using var library = Library();
        var x = _cuda.Upload(new float[Count]);

        Launch(library.Get<ScaleArgs>(s_scale, "scale", Options(7)), x);

        Assert.That(_cuda.Download<float>(x, Count), Is.All.EqualTo(7f));
        Assert.That(cache.Read(build.Key(target, compiler.Version)), Is.Not.EqualTo(junk).And.Not.Null);
    }

    [Test]
    public void Get_SourceThatDoesNotCompile_FailsEachTimeAndLeavesNothing()
    {
        using var library = Library();
        var wrong = KernelSource.FromText("wrong.cu", "extern \"C\" __global__ void wrong(int a) { b(); }");

        for (int i = 0; i < 2; i++)
        {
            Assert.That(() => library.Get<int>(wrong, "wrong", default),
                Throws.InstanceOf<NvrtcCompilationException>().With.Message.Contains("wrong.cu:1"));
        }
        Assert.That(CubinsOnDisk(), Is.Zero);
    }

    [Test]
    public void Get_EntryThatIsNotThere_NamesIt()
    {
        using var library = Library();

        Assert.That(() => library.Get<ScaleArgs>(s_scale, "missing", Options(1)),
            Throws.InstanceOf<CudaException>().With.Message.Contains("missing"));
    }

    [Test]
    public void Get_FromManyThreads_CompilesOnce()
    {
        var images = new KernelImages(new CubinCache(_folder.Path), () =>
        {
            Interlocked.Increment(ref _compilations);
            return NvrtcCompiler.Get();
        });
        using var library = new KernelLibrary(_cuda.Context, images);
        Exception? failure = null;
        var threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                try
                {
                    library.Get<ScaleArgs>(s_scale, "scale", Options(3));
                }
                catch (CodatException e)
                {
                    failure = e;
                }
            });
            threads[i].Start();
        }
        foreach (var thread in threads) thread.Join();

        Assert.That(failure, Is.Null);
        // One search and one compilation ask for the compiler; a second thread would have asked again.
        Assert.That(_compilations, Is.EqualTo(2));
    }

    [Test]
    public void Get_AfterDispose_Throws()
    {
        var library = Library();
        library.Dispose();
        library.Dispose();

        Assert.That(() => library.Get<ScaleArgs>(s_scale, "scale", Options(1)), Throws.InstanceOf<ObjectDisposedException>());
    }

    // Made and disposed around each test, not with the fixture.
    private static TempFolder NewFolder() => new();

    private KernelLibrary Library() => new(_cuda.Context, new CubinCache(_folder.Path));

    private int CubinsOnDisk() => Directory.GetFiles(_folder.Path, "*.cubin").Length;

    private void Launch(CudaKernel<ScaleArgs> kernel, DeviceSpan<byte> x) =>
        kernel.Launch(_cuda.Stream, LaunchShape.ForElements(Count, 32),
            new ScaleArgs { X = x.Address, Count = Count, By = 3 });

    private static CompileOptions Options(int plus) => default(CompileOptions).Define("PLUS", plus);
}
