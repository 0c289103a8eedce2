namespace Codat.Native.Interop;

/// <summary>Where a native library is looked for, in this order.</summary>
internal enum LibrarySearchStep
{
    /// <summary>Folders given in code.</summary>
    Configured,

    /// <summary>Folders in the environment variable.</summary>
    Variable,

    /// <summary>What the process has loaded already: two copies of one library are waste at best.</summary>
    AlreadyLoaded,

    /// <summary>Beside the application.</summary>
    Application,

    /// <summary>Packages of Python environments.</summary>
    Python,

    /// <summary>The toolkit that the environment names.</summary>
    CudaPath,

    /// <summary>Toolkits where they are usually installed.</summary>
    Toolkit,

    /// <summary>The system's own search.</summary>
    System,
}
