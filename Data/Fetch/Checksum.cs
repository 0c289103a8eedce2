using System.Security.Cryptography;

namespace Codat.Native.Data;

/// <summary>Compares files with published checksums: SHA-256 where known, else MD5.</summary>
internal static class Checksum
{
    /// <summary>The state of a file whose length and checksums are known.</summary>
    internal static FileCheck Check(string path, long bytes, string? md5, string? sha256)
    {
        string name = Path.GetFileName(path);
        var info = new FileInfo(path);
        if (!info.Exists) return new FileCheck(name, path, FileStatus.Missing, DataFile.Bytes(bytes), null);
        if (info.Length != bytes)
            return new FileCheck(name, path, FileStatus.WrongLength, DataFile.Bytes(bytes),
                DataFile.Bytes(info.Length));
        string? expected = sha256 ?? md5;
        if (expected is null)
            return new FileCheck(name, path, FileStatus.LengthOnly, DataFile.Bytes(bytes), DataFile.Bytes(bytes));
        string found = sha256 is not null ? DataFile.Hash(path) : Md5(path);
        return new FileCheck(name, path, found == expected ? FileStatus.Verified : FileStatus.WrongChecksum, expected,
            found);
    }

    private static string Md5(string path)
    {
        using FileStream stream = DataFile.Open(path);
        // MD5 is what the publishers give; it guards against damage, not against an enemy.
#pragma warning disable CA5351
        return Convert.ToHexStringLower(MD5.HashData(stream));
#pragma warning restore CA5351
    }
}
