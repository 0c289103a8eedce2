namespace Codat.Native.Data;

/// <summary>One file of a published data set.</summary>
/// <param name="Name">File name, as in the official archive.</param>
/// <param name="Bytes">Exact length.</param>
/// <param name="Split">The split it belongs to.</param>
/// <param name="Md5">Published MD5, lower-case hex, or null where none is known.</param>
/// <param name="Sha256">SHA-256, lower-case hex, or null where none is known.</param>
/// <param name="Url">Where it is published as a single file, or null when it comes in an archive.</param>
public sealed record DatasetFile(string Name, long Bytes, DatasetSplit Split, string? Md5 = null,
    string? Sha256 = null,
    Uri? Url = null)
{
    /// <summary>Exact length after gunzip, where the unpacked file is accepted too (IDX); else null.</summary>
    public long? UnpackedBytes { get; init; }
}
