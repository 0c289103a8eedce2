using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class KernelImagesTests
{
    [Test]
    public void Find_WithoutACompiler_TakesImagesOfAnyKnownVersion([Values("13.0", "12.4", "11.8")] string version)
    {
        using var folder = new TempFolder();
        var cache = new CubinCache(folder.Path);
        var build = Build();
        string[] parts = version.Split('.');
        var nvrtc = new NvrtcVersion(int.Parse(parts[0], null), int.Parse(parts[1], null));
        cache.Write(build.Key("sm_90", nvrtc), [1, 2, 3]);
        var images = new KernelImages(cache, () => null);

        var image = images.Find(build, 90);

        Assert.That(image?.Bytes, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(image?.Origin, Is.EqualTo(KernelOrigin.Disk));
        Assert.That(images.Find(build, 80), Is.Null);
    }

    [Test]
    public void Find_EmbeddedImage_ComesBeforeDiskWhicheverCompilerMadeIt([Values("13.1", "12.0")] string version)
    {
        using var folder = new TempFolder();
        var cache = new CubinCache(folder.Path);
        var build = Build();
        string[] parts = version.Split('.');
        var embedded = build.Key("sm_90", new NvrtcVersion(int.Parse(parts[0], null), int.Parse(parts[1], null)));
        cache.Write(build.Key("sm_90", new NvrtcVersion(12, 4)), [1]);
        var images = new KernelImages(cache, () => throw new InvalidOperationException("no compiler is wanted"),
            name => name == "cubin/" + embedded.Hash ? [2] : null);

        var image = images.Get(build, 90);

        Assert.That((image.Origin, image.Bytes[0]), Is.EqualTo((KernelOrigin.Embedded, (byte)2)));
    }

    [Test]
    public void Identity_OfBuilds_DiffersWhereTheCodeDoes()
    {
        var source = KernelSource.FromText("a.cu", "x");
        string[] identities =
        [
            KernelBuild.For(source, 8, default).Identity(90), KernelBuild.For(source, 8, default).Identity(80),
            KernelBuild.For(source, 16, default).Identity(90),
            KernelBuild.For(source, 8, default(CompileOptions).Define("A", 1)).Identity(90),
            KernelBuild.For(source, 8, new CompileOptions { FastMath = true }).Identity(90),
            KernelBuild.For(source, 8, new CompileOptions { FuseMultiplyAdd = true }).Identity(90),
            KernelBuild.For(KernelSource.FromText("a.cu", "y"), 8, default).Identity(90),
        ];

        Assert.That(identities, Is.Unique);
        Assert.That(KernelBuild.For(source, 8, new CompileOptions { Architecture = 80 }).Identity(90),
            Is.EqualTo(identities[0]));
    }

    private static KernelBuild Build() => KernelBuild.For(KernelSource.FromText("a.cu", "x"), 8, default);
}
