using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>Writes files whole or not at all: temporary name in the same folder, flush to disk, rename over.</summary>
/// <remarks>A kill, a full disk or an exception at any moment leaves the previous file as it was.
/// Thread-safe.</remarks>
public static class AtomicFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Creates or replaces a file with what a callback writes.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content; the stream is closed afterwards.</param>
    /// <exception cref="CodatException">
    /// The file cannot be written (no folder, no permission, disk full, a device); the message names it.
    /// </exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, CreateTemporary);

    /// <summary>Creates or replaces a file with bytes.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="content">The bytes.</param>
    /// <exception cref="CodatException">The file cannot be written; the message names it.</exception>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> content) =>
        Write(path, stream => stream.Write(content.Span));

    /// <summary>Creates or replaces a file with text in UTF-8 without a byte order mark.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="content">The text, written as it is.</param>
    /// <exception cref="CodatException">The file cannot be written; the message names it.</exception>
    public static void WriteAllText(string path, string content)
    {
        ArgumentNullException.ThrowIfNull(content);
        WriteAllBytes(path, Encoding.UTF8.GetBytes(content));
    }

    /// <summary>The same with a chosen way to open the temporary file, so that failures of the disk can be tried
    /// out.</summary>
    internal static void Write(string path, Action<Stream> write, Func<string, FileStream> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var full = Path.GetFullPath(path);
        RefuseDevice(path, full);
        var temporary = Path.Combine(Path.GetDirectoryName(full) ?? full,
            $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var stream = create(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception error)
        {
            Remove(temporary);
            // The runtime reports a file larger than the file system or a limit allows as an argument out of range.
            if (error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
                throw Describe(path, error);
            throw;
        }
    }

    private static FileStream CreateTemporary(string path) =>
        new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);

    /// <summary>A rename would replace the device itself by a file, which a privileged user may even be allowed to
    /// do.</summary>
    private static void RefuseDevice(string path, string full)
    {
        var isDevice = OperatingSystem.IsWindows()
            ? full.StartsWith(@"\\.\", StringComparison.Ordinal)
            : full.StartsWith("/dev/", StringComparison.Ordinal)
                && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);
        if (isDevice)
            throw new CodatException("A device cannot be replaced by a file", path, fix: "give a path in a folder");
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; what is left has a name that says what it is.
        }
    }

    private static CodatException Describe(string path, Exception error)
    {
        const int NoSpaceUnix = 28, QuotaUnix = 122, NoSpaceWindows = unchecked((int)0x80070070);
        var isFull = error.HResult is NoSpaceUnix or QuotaUnix or NoSpaceWindows;
        return error switch
        {
            DirectoryNotFoundException => new CodatException("The file cannot be written", path, "an existing folder",
                "none", "create the folder", isUsage: true, error),
            UnauthorizedAccessException => new CodatException("The file cannot be written", path, "permission to write",
                "none", "choose another place", isUsage: true, error),
            _ when isFull => new CodatException("The disk is full", path,
                fix: "free some space; the old file is unchanged", isUsage: false, inner: error),
            _ => new CodatException("The file cannot be written", path, found: error.Message,
                isUsage: false, inner: error),
        };
    }
}
