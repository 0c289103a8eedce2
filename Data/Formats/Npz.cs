using System.IO.Compression;

namespace Codat.Native.Data;

/// <summary>NumPy <c>.npz</c> files: a zip archive of <c>.npy</c> files, stored or deflated.</summary>
public static class Npz
{
    private const int MaxEntries = 1000;

    /// <summary>Reads the named arrays of a file, in the order asked for.</summary>
    /// <exception cref="DatasetException">The file is missing or damaged, or has no array of a name.</exception>
    public static NpyArray[] Read(string path, params ReadOnlySpan<string> names)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = DataFile.Open(path);
        return Read(stream, path, names);
    }

    /// <summary>Reads the named arrays from the bytes of a file, in the order asked for.</summary>
    /// <exception cref="DatasetException">The bytes are damaged, or hold no array of a name.</exception>
    public static NpyArray[] Parse(ReadOnlyMemory<byte> file, string where, params ReadOnlySpan<string> names)
    {
        using MemoryStream stream = Inflate.Open(file);
        return Read(stream, where, names);
    }

    private static NpyArray[] Read(Stream stream, string where, ReadOnlySpan<string> names)
    {
        using ZipArchive archive = Open(stream, where);
        var arrays = new NpyArray[names.Length];
        for (int i = 0; i < names.Length; i++)
            arrays[i] = Npy.Parse(Extract(archive, names[i], stream.Length, where), where + ":" + names[i]);
        return arrays;
    }

    private static ZipArchive Open(Stream stream, string where)
    {
        try
        {
            var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.Entries.Count <= MaxEntries) return archive;
            archive.Dispose();
            throw new DatasetException("the npz file holds too many arrays", where, $"at most {MaxEntries}");
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(where, e.Message, e);
        }
    }

    private static byte[] Extract(ZipArchive archive, string name, long fileBytes, string where)
    {
        ZipArchiveEntry? found = null;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (entry.FullName != name + ".npy") continue;
            if (found is not null) throw Damaged(where, "two arrays named " + name);
            found = entry;
        }

        if (found is null)
            throw new DatasetException($"the array {name} is missing", where, name + ".npy",
                archive.Entries.Count == 0 ? "an empty archive" : Shorten(string.Join(", ", Names(archive))));

        try
        {
            using Stream data = found.Open();
            byte[] bytes = Inflate.ReadExactly(data, found.Length, Math.Min(found.CompressedLength, fileBytes), where);
            Inflate.ExpectEnd(data, where);
            if (Crc32.Compute(bytes) != found.Crc32) throw Damaged(where, "a checksum that does not match");
            return bytes;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(where, e.Message, e);
        }
    }

    private static IEnumerable<string> Names(ZipArchive archive)
    {
        foreach (ZipArchiveEntry entry in archive.Entries) yield return entry.FullName;
    }

    private static string Shorten(string text) =>
        text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 200), "...");

    // What the zip reader of the runtime throws for archives that contradict themselves.
    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException;

    private static DatasetException Damaged(string where, string found, Exception? inner = null) =>
        new("the npz file is damaged", where, found: found, inner: inner);
}
