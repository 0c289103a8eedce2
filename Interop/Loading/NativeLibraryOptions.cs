namespace Codat.Native.Interop;

/// <summary>Where native libraries are looked for first, and of which version.</summary>
public sealed record NativeLibraryOptions
{
    /// <summary>Folders looked through before everything else.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>The major version of CUDA to use; null to choose by driver and by what is found.</summary>
    public int? CudaMajor { get; init; }
}
