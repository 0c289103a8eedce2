using System.Collections.Frozen;
using System.Reflection;

namespace Codat.Native.Interop;

/// <summary>Finds or makes images: precompiled, then from disk, then by the compiler.</summary>
/// <remarks>
/// Thread-safe. Images that travel with the library are taken whichever version of the compiler made them; without a
/// compiler those on disk are too.
/// </remarks>
internal sealed class KernelImages(CubinCache cache, Func<NvrtcCompiler?> findCompiler,
    Func<string, byte[]?>? readEmbedded = null)
{
    /// <summary>What precedes the key in the name of an embedded cubin.</summary>
    internal const string EmbeddedPrefix = "cubin/";

    private static readonly Assembly s_assembly = typeof(KernelImages).Assembly;

    private static readonly FrozenSet<string> s_embedded = s_assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(EmbeddedPrefix, StringComparison.Ordinal)).ToFrozenSet(StringComparer.Ordinal);

    private readonly Func<string, byte[]?> _readEmbedded = readEmbedded ?? ReadEmbedded;

    internal CubinCache Cache { get; } = cache;

    /// <summary>
    /// Whether kernels for an architecture travel with the library or lie in the default folder, so that there may be
    /// work without a compiler.
    /// </summary>
    internal static bool HasPrecompiled(int architecture) =>
        s_embedded.Count > 0 || new CubinCache().List().Any(entry => entry.Architecture == architecture);

    /// <summary>The image of a build.</summary>
    /// <exception cref="CodatException">It is nowhere, and there is no compiler.</exception>
    internal KernelImage Get(in KernelBuild build, int architecture) =>
        Find(build, architecture) ?? Compile(build, architecture);

    /// <summary>The image, if it need not be compiled.</summary>
    internal KernelImage? Find(in KernelBuild build, int architecture)
    {
        foreach (var version in NvrtcVersion.Known)
        {
            var key = build.Key(MachineCode(architecture), version);
            if (_readEmbedded(EmbeddedPrefix + key.Hash) is { } embedded)
                return new KernelImage(embedded, KernelOrigin.Embedded, key);
        }
        if (findCompiler() is { } compiler)
            return FindOnDisk(build.Key(compiler.Target(architecture), compiler.Version));
        foreach (var version in NvrtcVersion.Known)
            if (FindOnDisk(build.Key(MachineCode(architecture), version)) is { } image) return image;
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

    private static string MachineCode(int architecture) => $"sm_{architecture}";

    private static byte[]? ReadEmbedded(string name) =>
        s_embedded.Contains(name) ? EmbeddedText.ReadResource(s_assembly, name) : null;

    private KernelImage? FindOnDisk(CubinKey key) =>
        Cache.Read(key) is { } stored ? new KernelImage(stored, KernelOrigin.Disk, key) : null;
}
