namespace Codat.Native.Interop;

/// <summary>Where a kernel's image was found.</summary>
internal enum KernelOrigin
{
    /// <summary>In this library, precompiled.</summary>
    Embedded,

    /// <summary>In the cache folder.</summary>
    Disk,

    /// <summary>Compiled just now.</summary>
    Compiled,
}
