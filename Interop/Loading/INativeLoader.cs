namespace Codat.Native.Interop;

/// <summary>What the search needs of the operating system's loader; tests have one that loads nothing.</summary>
internal interface INativeLoader
{
    /// <summary>The handle of a library that is in the process already, by its file name; 0 if it is not.</summary>
    nint FindLoaded(string fileName);

    /// <summary>Loads a file or a bare name; says why not.</summary>
    bool TryLoad(string pathOrName, out nint handle, out string error);

    /// <summary>Makes the symbols of a loaded file visible to those loaded later; false where that cannot be.</summary>
    bool Promote(string path);

    /// <summary>The version a library states, and the CUDA major it was built for (0: does not say).</summary>
    (string? Text, int CudaMajor) ReadVersion(string logicalName, nint handle);
}
