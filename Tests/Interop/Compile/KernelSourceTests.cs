using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class KernelSourceTests
{
    [Test]
    public void FindEntries_OfASource_AreItsKernelsOnly()
    {
        var source = KernelSource.FromText("a.cu", """
            // extern "C" __global__ void in_comment(int a) {}
            /* extern "C" __global__ void in_block(int a) {} */
            __device__ void helper(int a) {}
            extern "C" __global__ void plain(Args args) {}
            extern "C" __global__ void __launch_bounds__(256) bounded(Args args) {}
            extern "C" __global__ __launch_bounds__(256, 2)
            void wrapped (Args args) {}
            """);

        Assert.That(source.FindEntries(), Is.EqualTo(new[] { "plain", "bounded", "wrapped" }));
    }

    [Test]
    public void FindVariants_OfSeveralLines_AreEveryCombinationOfEach()
    {
        var source = KernelSource.FromText("a.cu", """
            // Adds.
            // variants: fmad=true ELEMENT=float,double VEC=1,4
            // variants: fast=true ELEMENT=half
            """);

        Assert.That(source.FindVariants().Select(v => v.ToString()), Is.EqualTo(new[]
        {
            "fmad=true fast=false ELEMENT=float VEC=1", "fmad=true fast=false ELEMENT=float VEC=4",
            "fmad=true fast=false ELEMENT=double VEC=1", "fmad=true fast=false ELEMENT=double VEC=4",
            "fmad=false fast=true ELEMENT=half",
        }));
    }

    [TestCase("// variants: ELEMENT")]
    [TestCase("// variants: =float")]
    [TestCase("// variants: fmad=yes")]
    public void FindVariants_Unreadable_NamesTheFile(string text) =>
        Assert.That(() => KernelSource.FromText("a.cu", text).FindVariants(),
            Throws.InstanceOf<CodatException>().With.Message.Contains("a.cu"));

    [Test]
    public void FromText_HeadersOfHeaders_AreTakenOnce()
    {
        var source = KernelSource.FromText("a.cu", "#include \"b.cuh\"\n  #  include \"c.cuh\"\n",
            ("b.cuh", "#include \"c.cuh\"\n#include \"a.cuh\"\n"), ("c.cuh", "#include \"b.cuh\"\n"), ("a.cuh", ""),
            ("unused.cuh", "x"));

        Assert.That(source.Headers.ToArray().Select(h => h.Name), Is.EqualTo(new[] { "b.cuh", "c.cuh", "a.cuh" }));
    }

    [Test]
    public void FromText_MissingHeader_SaysWhoWantsIt() =>
        Assert.That(() => KernelSource.FromText("a.cu", "#include \"b.cuh\"\n", ("b.cuh", "#include \"no.cuh\"\n")),
            Throws.InstanceOf<CodatException>().With.Message.Contains("b.cuh").And.Message.Contains("no.cuh"));

    [Test]
    public void Digest_DependsOnEveryText()
    {
        string[] digests =
        [
            Digest("a.cu", "#include \"b.cuh\"\n", "x"), Digest("b.cu", "#include \"b.cuh\"\n", "x"),
            Digest("a.cu", "#include \"b.cuh\"\n ", "x"), Digest("a.cu", "#include \"b.cuh\"\n", "y"),
        ];

        Assert.That(digests, Is.Unique);
        Assert.That(Digest("a.cu", "#include \"b.cuh\"\n", "x"), Is.EqualTo(digests[0]));
    }

    [Test]
    public void FromResource_NoSuchFile_NamesIt() =>
        Assert.That(() => KernelSource.FromResource(typeof(KernelSource).Assembly, "no_such.cu"),
            Throws.InstanceOf<CodatException>().With.Message.Contains("no_such.cu"));

    [Test]
    public void Catalog_EverySource_DeclaresKernelsAndVariants()
    {
        var sources = KernelCatalog.Find(KernelCatalog.AssembliesFrom(typeof(Cli.CliContext).Assembly));

        Assert.Multiple(() =>
        {
            foreach (var source in sources)
            {
                Assert.That(source.FindEntries(), Is.Not.Empty, source.Name);
                Assert.That(source.FindVariants(), Is.Not.Empty, source.Name);
                Assert.That(source.FindVariants().SelectMany(v => v.Defines), Has.Some.StartsWith("ARGS_SIZE="), source.Name);
            }
            Assert.That(sources.Select(s => s.Name), Is.Unique);
        });
    }

    [Test]
    public void AssembliesFrom_TheCommand_ReachesEveryLibrary()
    {
        var names = KernelCatalog.AssembliesFrom(typeof(Cli.CliContext).Assembly).Select(a => a.GetName().Name);

        Assert.That(names, Is.SupersetOf(new[] { "Codat.Native.Interop", "Codat.Native.Autograd", "Codat.Native.Robust" }));
    }

    [Test]
    public void Build_VariantNotDeclared_ShowsBoth()
    {
        var source = KernelSource.FromText("a.cu", "// variants: ELEMENT=float ARGS_SIZE=16\n");

        Assert.That(KernelBuild.For(source, 16, default(CompileOptions).Define("ELEMENT", "float")).Options.Defines,
            Is.EqualTo(new[] { "ARGS_SIZE=16", "ELEMENT=float" }));
        Assert.That(() => KernelBuild.For(source, 24, default(CompileOptions).Define("ELEMENT", "float")),
            Throws.InstanceOf<CodatException>().With.Message.Contains("ARGS_SIZE=16").And.Message.Contains("ARGS_SIZE=24"));
    }

    private static string Digest(string name, string text, string header) =>
        KernelSource.FromText(name, text, ("b.cuh", header)).Digest;
}
