namespace Codat.Native.Interop;

/// <summary>A compiled kernel in the cache folder.</summary>
/// <param name="Path">The cubin.</param>
/// <param name="Architecture">Compute capability times ten it was compiled for.</param>
/// <param name="Source">The kernel source's name.</param>
/// <param name="Bytes">The cubin's size.</param>
internal readonly record struct CubinCacheEntry(string Path, int Architecture, string Source, long Bytes);
