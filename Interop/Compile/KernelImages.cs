namespace Codat.Native.Interop;

/// <summary>Finds or makes images: precompiled, then from disk, then by the compiler.</summary>
/// <remarks>Thread-safe. Without a compiler, images made by any known version of it are taken.</remarks>
internal sealed class KernelImages(CubinCache cache, Func<NvrtcCompiler?> findCompiler)
{
    private const string EmbeddedPrefix = "cubin/";

    internal CubinCache Cache { get; } = cache;

    /// <summary>The image of a build.</summary>
    /// <exception cref="CodatException">It is nowhere, and there is no compiler.</exception>
    internal KernelImage Get(in KernelBuild build, int architecture) =>
        Find(build, architecture) ?? Compile(build, architecture);

    /// <summary>The image, if it need not be compiled.</summary>
    internal KernelImage? Find(in KernelBuild build, int architecture)
    {
        var compiler = findCompiler();
        if (compiler is not null) return Find(build.Key(compiler.Target(architecture), compiler.Version), build.Source);
        foreach (var version in NvrtcVersion.Known)
            if (Find(build.Key($"sm_{architecture}", version), build.Source) is { } image) return image;
        return null;
    }

    /// <summary>Compiles and stores the image.</summary>
    internal KernelImage Compile(in KernelBuild build, int architecture)
    {
        var compiler = findCompiler() ?? NvrtcCompiler.Get();
        var target = compiler.Target(architecture);
        var bytes = NvrtcCompiler.Compile(build.Source, build.Arguments(target, compiler.Version));
        var key = build.Key(target, compiler.Version);
        Cache.Write(key, bytes);
        return new KernelImage(bytes, KernelOrigin.Compiled, key);
    }

    private KernelImage? Find(CubinKey key, KernelSource source)
    {
        if (source.Assembly is { } assembly
            && EmbeddedText.ReadResource(assembly, EmbeddedPrefix + key.Hash) is { } embedded)
        {
            return new KernelImage(embedded, KernelOrigin.Embedded, key);
        }
        return Cache.Read(key) is { } stored ? new KernelImage(stored, KernelOrigin.Disk, key) : null;
    }
}
