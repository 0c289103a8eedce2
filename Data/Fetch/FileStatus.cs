namespace Codat.Native.Data;

/// <summary>What a verification found about a file.</summary>
public enum FileStatus
{
    /// <summary>Length and checksum are right.</summary>
    Verified,

    /// <summary>The length is right; no checksum is known.</summary>
    LengthOnly,

    /// <summary>The file is not there.</summary>
    Missing,

    /// <summary>The length is wrong.</summary>
    WrongLength,

    /// <summary>The length is right, the checksum is not.</summary>
    WrongChecksum,
}
