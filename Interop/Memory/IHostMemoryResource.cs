namespace Codat.Native.Interop;

/// <summary>A source of aligned host memory; resources compose by wrapping an upstream.</summary>
/// <remarks>
/// Sizes come back at release, so a resource needs no table of its own. Thread-safe. Release never throws.
/// </remarks>
public interface IHostMemoryResource
{
    /// <summary>
    /// Returns zeroed memory of <paramref name="bytes"/> bytes, aligned to <see cref="HostMemory.Alignment"/>.
    /// </summary>
    /// <exception cref="HostOutOfMemoryException">The memory is not to be had, or a limit would be passed.</exception>
    nint Allocate(nuint bytes);

    /// <summary>Gives back a block together with the size it was allocated with.</summary>
    void Release(nint block, nuint bytes);
}
