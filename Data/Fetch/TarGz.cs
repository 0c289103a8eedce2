using System.Formats.Tar;
using System.IO.Compression;

namespace Codat.Native.Data;

/// <summary>Takes the files of a data set, and nothing else, out of its archive.</summary>
internal static class TarGz
{
    /// <summary>
    /// Writes the wanted entries <c>FOLDER/NAME</c> as <c>NAME</c> into <paramref name="target"/>; other entries are
    /// passed over. An entry whose path leaves its folder makes the whole archive suspect and is an error.
    /// </summary>
    internal static void Extract(string archive, string? folder, IReadOnlyList<DatasetFile> wanted, string target,
        CancellationToken cancellation)
    {
        int left = wanted.Count;
        try
        {
            using FileStream stream = DataFile.Open(archive);
            using var buffered = new BufferedStream(stream, 1 << 16);
            using var gzip = new GZipStream(buffered, CompressionMode.Decompress);
            using var reader = new TarReader(gzip);
            while (left > 0 && reader.GetNextEntry() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                string name = Normalise(entry.Name, archive);
                if (Match(wanted, folder, name) is not { } file) continue;
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                    throw Damaged(archive, name + " is not a file");
                if (entry.Length != file.Bytes || entry.DataStream is null)
                    throw new DatasetException("a file in the archive has the wrong length", archive + ":" + name,
                        DataFile.Bytes(file.Bytes), DataFile.Bytes(entry.Length), "fetch it again");
                Copy(entry.DataStream, Path.Combine(target, file.Name), cancellation);
                left--;
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw Damaged(archive, e.Message, e);
        }
        catch (IOException e)
        {
            throw new DatasetException("the archive cannot be unpacked", target, found: e.Message, isUsage: false,
                inner: e);
        }

        if (left > 0)
            throw new DatasetException("the archive does not hold all files", archive,
                DataFile.Number(wanted.Count) + " files", DataFile.Number(wanted.Count - left));
    }

    private static void Copy(Stream data, string path, CancellationToken cancellation)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        var buffer = new byte[1 << 17];
        int read;
        while ((read = data.Read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            file.Write(buffer.AsSpan(0, read));
        }

        file.Flush(flushToDisk: true);
    }

    private static string Normalise(string name, string archive)
    {
        string path = name.Replace('\\', '/');
        if (path.StartsWith("./", StringComparison.Ordinal)) path = path[2..];
        bool leaves = path.StartsWith('/') || path.Contains(':');
        foreach (string part in path.Split('/')) leaves |= part == "..";
        return leaves ? throw Damaged(archive, "an entry that leaves its folder: " + name) : path;
    }

    private static DatasetFile? Match(IReadOnlyList<DatasetFile> wanted, string? folder, string name)
    {
        foreach (DatasetFile file in wanted)
            if (name == (folder is null ? file.Name : folder + "/" + file.Name)) return file;
        return null;
    }

    private static DatasetException Damaged(string archive, string found, Exception? inner = null) =>
        new("the archive is damaged", archive, found: found, fix: "fetch it again", inner: inner);
}
