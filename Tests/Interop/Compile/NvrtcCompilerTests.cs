using System.Buffers.Binary;
using System.Text;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// The true compiler, which needs no GPU: found through CODAT_NVRTC_TEST_PATH or as the library finds it.
/// </summary>
internal sealed class NvrtcCompilerTests
{
    private const ushort ElfMachineOfCuda = 190;

    private const string Good = """
        // variants: ELEMENT=float,double ARGS_SIZE=24
        #include "scale.cuh"
        struct Args { ELEMENT* x; long long count; double by; };
        static_assert(sizeof(Args) == ARGS_SIZE, "the host's struct differs");
        extern "C" __global__ void __launch_bounds__(256) scale(Args args) {
            long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
            if (i < args.count) args.x[i] = times(args.x[i], (ELEMENT)args.by);
        }
        extern "C" __global__ void clear(Args args) { args.x[threadIdx.x] = 0; }
        """;

    private const string Header = "__device__ ELEMENT times(ELEMENT a, ELEMENT b) { return a * b; }\n";

    private NvrtcCompiler _compiler = null!; // found before the first test

    [OneTimeSetUp]
    public void FindCompiler() => _compiler = TestNvrtc.Require();

    [Test]
    public void Compile_RealArchitecture_IsACubinOfIt([Values(80, 90)] int architecture)
    {
        var build = Build(Good, "float");

        byte[] image = NvrtcCompiler.Compile(build.Source, build.Arguments(_compiler.Target(architecture), _compiler.Version));

        Assert.That(image.AsSpan(0, 4).ToArray(), Is.EqualTo("\u007fELF"u8.ToArray()));
        Assert.That(BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(18)), Is.EqualTo(ElfMachineOfCuda));
        // The low byte of the flags is the architecture.
        Assert.That(image[48], Is.EqualTo(architecture));
        string text = Encoding.Latin1.GetString(image);
        Assert.That(text, Does.Contain(".text.scale").And.Contain(".text.clear"));
    }

    [Test]
    public void Compile_VirtualArchitecture_IsPtxThatEndsWithAZero()
    {
        var build = Build(Good, "double");

        byte[] image = NvrtcCompiler.Compile(build.Source, build.Arguments("compute_80", _compiler.Version));

        Assert.That(Encoding.ASCII.GetString(image), Does.Contain(".target sm_80").And.Contain(".entry scale"));
        Assert.That(image[^1], Is.Zero);
    }

    [TestCase(false, "add.rn.f32", TestName = "Compile_Default_RoundsEveryOperation")]
    [TestCase(true, "fma.rn.f32", TestName = "Compile_Fused_JoinsProductAndSum")]
    public void Compile_Options_ReachTheCode(bool fuse, string expected)
    {
        var source = KernelSource.FromText("fma.cu",
            "extern \"C\" __global__ void f(float* x) { x[0] = x[1] * x[2] + x[3]; }");
        var options = new CompileOptions { FuseMultiplyAdd = fuse };

        byte[] image = NvrtcCompiler.Compile(source, options.Arguments("compute_80", _compiler.Version));

        Assert.That(Encoding.ASCII.GetString(image), Does.Contain(expected));
    }

    [Test]
    public void Compile_WrongSource_ShowsTheLineInTheHeader()
    {
        var source = KernelSource.FromText("scale.cu", Good,
            ("scale.cuh", "// one\n__device__ ELEMENT times(ELEMENT a, ELEMENT b) {\n    return a * c;\n}\n"));
        var build = KernelBuild.For(source, 24, default(CompileOptions).Define("ELEMENT", "float"));

        var error = Assert.Throws<NvrtcCompilationException>(() =>
            NvrtcCompiler.Compile(source, build.Arguments("sm_80", _compiler.Version)));

        Assert.Multiple(() =>
        {
            Assert.That(error!.Message, Does.Contain("scale.cuh:3").And.Contain("\"c\""));
            Assert.That(error.Excerpt, Does.Contain(">    3 |     return a * c;").And.Contain("     2 | __device__"));
            Assert.That(error.Options, Does.Contain("-DELEMENT=float"));
            Assert.That(error.Log, Does.Contain("error"));
        });
    }

    [Test]
    public void Compile_StructOfAnotherSize_DoesNotCompile()
    {
        var source = KernelSource.FromText("scale.cu", Good.Replace("// variants", "// was", StringComparison.Ordinal),
            ("scale.cuh", Header));
        var build = KernelBuild.For(source, 32, default(CompileOptions).Define("ELEMENT", "float"));

        Assert.That(() => NvrtcCompiler.Compile(source, build.Arguments("sm_80", _compiler.Version)),
            Throws.InstanceOf<NvrtcCompilationException>().With.Message.Contains("the host's struct differs"));
    }

    [Test]
    public void Compile_UnknownOption_IsReportedWithTheLog()
    {
        var source = KernelSource.FromText("a.cu", "");

        Assert.That(() => NvrtcCompiler.Compile(source, ["--no-such-option"]),
            Throws.InstanceOf<NvrtcCompilationException>().With.Message.Contains("no-such-option"));
    }

    [Test]
    public void Images_SecondTime_ComeFromDisk()
    {
        using var folder = new TempFolder();
        var images = new KernelImages(new CubinCache(folder.Path), () => _compiler);
        var build = Build(Good, "float");

        var first = images.Get(build, 80);
        var second = images.Get(build, 80);
        File.WriteAllBytes(images.Cache.PathOf(first.Key), first.Bytes[..100]);
        var third = images.Get(build, 80);

        Assert.That((first.Origin, second.Origin, third.Origin),
            Is.EqualTo((KernelOrigin.Compiled, KernelOrigin.Disk, KernelOrigin.Compiled)));
        Assert.That(second.Bytes, Is.EqualTo(first.Bytes));
        Assert.That(third.Bytes, Is.EqualTo(first.Bytes));
    }

    [Test]
    public void Builder_GoodAndBadSources_CountsThemAndCoversVariants()
    {
        using var folder = new TempFolder();
        var cache = new CubinCache(folder.Path);
        KernelSource[] sources =
        [
            KernelSource.FromText("scale.cu", Good, ("scale.cuh", Header)),
            KernelSource.FromText("bad.cu", "extern \"C\" __global__ void bad(int a) { b(); }"),
        ];

        var first = CacheBuilder.Build(sources, [80, 90], cache, _compiler, null, CancellationToken.None);
        var second = CacheBuilder.Build(sources, [80, 90], cache, _compiler, null, CancellationToken.None);

        Assert.Multiple(() =>
        {
            Assert.That((first.Kernels, first.Built, first.FromCache, first.Failed.Count), Is.EqualTo((3, 4, 0, 2)));
            Assert.That((second.Built, second.FromCache, second.Failed.Count), Is.EqualTo((0, 4, 2)));
            Assert.That(first.Failed.Select(f => (f.Source, f.Entry, f.Arch)),
                Is.EqualTo(new[] { ("bad.cu", "bad", 80), ("bad.cu", "bad", 90) }));
            Assert.That(first.Failed[0].Log, Does.Contain("bad.cu").And.Contain("options:"));
            Assert.That(second.Files.Select(f => f.Path), Is.EqualTo(first.Files.Select(f => f.Path)).And.Unique);
            Assert.That(first.Files.Select(f => f.Path).All(File.Exists), Is.True);
            Assert.That(cache.List(), Has.Count.EqualTo(4));
        });
    }

    [Test]
    [Category("Slow")]
    public void Catalog_EveryEmbeddedKernel_Compiles()
    {
        using var folder = new TempFolder();
        var sources = KernelCatalog.Find(KernelCatalog.AssembliesFrom(typeof(Cli.CliContext).Assembly));

        var result = CacheBuilder.Build(sources, [80, 90], new CubinCache(folder.Path), _compiler, null,
            CancellationToken.None);

        Assert.That(result.Failed.Select(f => f.Log), Is.Empty);
    }

    private static KernelBuild Build(string text, string element) => KernelBuild.For(
        KernelSource.FromText("scale.cu", text, ("scale.cuh", Header)), 24,
        default(CompileOptions).Define("ELEMENT", element));
}
