namespace Codat.Native.Robust;

/// <summary>Writes a file whole or not at all: to a temporary name, flushed to the disk, then renamed.</summary>
internal static class RunFile
{
    /// <summary>Replaces <paramref name="path"/>; a kill at any moment leaves the previous complete file.</summary>
    internal static void Write(string path, Action<Stream> write)
    {
        string temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Replaces <paramref name="path"/> by UTF-8 text without a byte-order mark.</summary>
    internal static void Write(string path, string text)
        => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
