namespace Codat.Native.Interop;

/// <summary>A kernel that could not be compiled.</summary>
internal readonly record struct CacheBuildFailure(string Source, string Entry, int Arch, string Log);
