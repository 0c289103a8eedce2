namespace Codat.Native.Interop;

/// <summary>Compiles kernel sources ahead of their first use.</summary>
internal static class CacheBuilder
{
    /// <summary>Builds every variant of every source for each architecture.</summary>
    internal static CacheBuildResult Build(IReadOnlyList<KernelSource> sources, IReadOnlyList<int> architectures,
        CubinCache cache, NvrtcCompiler compiler, Action<string, int, int>? progress, CancellationToken cancellation)
    {
        var images = new KernelImages(cache, () => compiler);
        var kernels = sources.Sum(source => source.FindEntries().Count);
        var result = new CacheBuildResult(cache.Folder, compiler.VersionText, architectures, kernels);
        var done = 0;
        foreach (var architecture in architectures)
        {
            foreach (var source in sources)
            {
                foreach (var variant in source.FindVariants() is { Count: > 0 } variants ? variants : [default])
                {
                    cancellation.ThrowIfCancellationRequested();
                    Build(new KernelBuild(source, variant), architecture, images, result);
                }
                progress?.Invoke(source.Name, ++done, sources.Count * architectures.Count);
            }
        }
        return result;
    }

    private static void Build(in KernelBuild build, int architecture, KernelImages images, CacheBuildResult result)
    {
        try
        {
            var image = images.Get(build, architecture);
            if (image.Origin == KernelOrigin.Compiled) result.Built++;
            else result.FromCache++;
            if (image.Origin == KernelOrigin.Embedded) return;
            result.Files.Add(new CubinCacheEntry(images.Cache.PathOf(image.Key), architecture, build.Source.Name,
                image.Bytes.Length));
        }
        catch (NvrtcCompilationException e)
        {
            foreach (var entry in build.Source.FindEntries())
                result.Failed.Add(new CacheBuildFailure(build.Source.Name, entry, architecture, e.Report));
        }
    }
}
