namespace Codat.Native.Interop;

/// <summary>One place to look for a library: a file, or a bare name to ask the process or the system for.</summary>
internal readonly record struct LibraryCandidate(LibrarySearchStep Step, string PathOrName)
{
    /// <summary>True for a name without a folder.</summary>
    public bool IsBareName => Step is LibrarySearchStep.AlreadyLoaded or LibrarySearchStep.System
        && !Path.IsPathRooted(PathOrName);
}
