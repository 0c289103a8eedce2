namespace Codat.Native.Data;

/// <summary>The <c>.tar.gz</c> a data set is published as.</summary>
/// <param name="Url">Official address.</param>
/// <param name="Bytes">Exact length.</param>
/// <param name="Md5">Published MD5, lower-case hex, or null where none is known.</param>
/// <param name="Sha256">SHA-256, lower-case hex, or null where none is known.</param>
public sealed record DatasetArchive(Uri Url, long Bytes, string? Md5, string? Sha256 = null)
{
    /// <summary>File name of the archive.</summary>
    public string Name => Path.GetFileName(Url.AbsolutePath);
}
