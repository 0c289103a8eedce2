namespace Codat.Native.Data;

/// <summary>The state of one file of a data set.</summary>
/// <param name="Name">File name.</param>
/// <param name="Path">Where it is or should be.</param>
/// <param name="Status">What was found.</param>
/// <param name="Expected">Expected length or checksum.</param>
/// <param name="Found">Length or checksum found; null where there is nothing.</param>
public sealed record FileCheck(string Name, string Path, FileStatus Status, string Expected, string? Found)
{
    /// <summary>True unless something is wrong.</summary>
    public bool IsGood => Status is FileStatus.Verified or FileStatus.LengthOnly;
}
