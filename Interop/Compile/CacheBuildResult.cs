namespace Codat.Native.Interop;

/// <summary>What building the cache did.</summary>
internal sealed class CacheBuildResult(string folder, string nvrtc, IReadOnlyList<int> architectures, int kernels)
{
    public string Folder { get; } = folder;

    public string Nvrtc { get; } = nvrtc;

    public IReadOnlyList<int> Architectures { get; } = architectures;

    /// <summary>Kernels known, each counted once.</summary>
    public int Kernels { get; } = kernels;

    /// <summary>Images compiled just now: one for each source, variant and architecture.</summary>
    public int Built { get; set; }

    /// <summary>Images that were there already.</summary>
    public int FromCache { get; set; }

    public List<CacheBuildFailure> Failed { get; } = [];

    public List<CubinCacheEntry> Files { get; } = [];
}
