using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codat.Native.Interop;

/// <summary>The text beside a cubin: what it was made of, and the hash it must have.</summary>
internal sealed record CubinNote(string Source, int Architecture, string Sha256)
{
    private const string HashKey = "sha256 ";
    private const string SourceKey = "source ";
    private const string TargetKey = "argument --gpu-architecture=";

    internal static byte[] Format(CubinKey key, byte[] image) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{key.Description}bytes {image.Length}\n{HashKey}{Convert.ToHexStringLower(SHA256.HashData(image))}\n"));

    /// <summary>Reads a note; null where there is none or where it is not whole.</summary>
    internal static CubinNote? Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        string? source = null, hash = null;
        var architecture = 0;
        foreach (var line in lines)
        {
            if (line.StartsWith(SourceKey, StringComparison.Ordinal)) source = line[SourceKey.Length..];
            else if (line.StartsWith(HashKey, StringComparison.Ordinal)) hash = line[HashKey.Length..];
            else if (line.StartsWith(TargetKey, StringComparison.Ordinal))
                _ = int.TryParse(line.AsSpan(line.LastIndexOf('_') + 1), NumberStyles.None,
                    CultureInfo.InvariantCulture, out architecture);
        }
        return source is not null && hash is { Length: 64 } ? new CubinNote(source, architecture, hash) : null;
    }
}
