using System.Globalization;
using System.Security.Cryptography;

namespace Codat.Native.Interop;

/// <summary>Compiled kernels on disk: a folder of cubins that several processes may share.</summary>
/// <remarks>
/// Thread-safe. Nothing that happens to the folder is an error: an entry that cannot be read, is cut short or is not
/// what was written counts as absent and is removed; a folder that cannot be written stays as it is.
/// </remarks>
internal sealed class CubinCache
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string FolderVariable = "CODAT_CACHE_DIR";

    /// <summary>Size at which least recently read entries are removed, where nothing else is said.</summary>
    public const long DefaultLimitBytes = 512L << 20;

    private const string CubinExtension = ".cubin";
    private const string NoteExtension = ".txt";
    private const string TemporaryExtension = ".tmp";
    private static readonly TimeSpan s_temporaryAge = TimeSpan.FromHours(1);
    private static string? s_refusal;

    private readonly long _limitBytes;
    private readonly TimeProvider _time;

    /// <summary>Uses a folder, created at the first write; null means <see cref="DefaultFolder()"/>.</summary>
    public CubinCache(string? folder = null, long limitBytes = DefaultLimitBytes) : this(folder, limitBytes, null)
    {
    }

    internal CubinCache(string? folder, long limitBytes, TimeProvider? time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limitBytes);
        Folder = Path.GetFullPath(folder ?? DefaultFolder());
        _limitBytes = limitBytes;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>
    /// A line that says which folder could not be written and why, once for each process and refusal; null where none
    /// was refused.
    /// </summary>
    public static string? TakeRefusal() => Interlocked.Exchange(ref s_refusal, null);

    /// <summary>
    /// <c>$CODAT_CACHE_DIR</c>, else <c>$XDG_CACHE_HOME/codat-native</c>, else the user's local data.
    /// </summary>
    public static string DefaultFolder() => DefaultFolder(Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData));

    internal static string DefaultFolder(Func<string, string?> variable, string localData)
    {
        const string Name = "codat-native";
        if (variable(FolderVariable) is { Length: > 0 } own) return own;
        // Relative paths in this variable are to be ignored, says its specification.
        if (variable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache))
            return Path.Combine(cache, Name);
        return localData.Length > 0
            ? Path.Combine(localData, Name, "cache")
            : Path.Combine(Path.GetTempPath(), $"{Name}-{Environment.UserName}");
    }

    /// <summary>All whole entries, by source and path.</summary>
    public IReadOnlyList<CubinCacheEntry> List()
    {
        var entries = new List<CubinCacheEntry>();
        foreach (var file in Files(CubinExtension))
        {
            if (CubinNote.Read(Path.ChangeExtension(file.FullName, NoteExtension)) is not { } note) continue;
            entries.Add(new CubinCacheEntry(file.FullName, note.Architecture, note.Source, file.Length));
        }
        entries.Sort(static (a, b) => (a.Source, a.Architecture, a.Path).CompareTo((b.Source, b.Architecture, b.Path)));
        return entries;
    }

    /// <summary>Removes every entry and returns how many there were.</summary>
    public int Clear()
    {
        var count = 0;
        foreach (var file in Files(CubinExtension))
            if (Delete(Path.GetFileNameWithoutExtension(file.Name))) count++;
        // Left over: notes whose cubin is gone, and files of writers that were killed.
        foreach (var file in Files(NoteExtension)) Delete(file);
        foreach (var file in Files(TemporaryExtension)) Delete(file);
        return count;
    }

    internal string PathOf(CubinKey key) => Path.Combine(Folder, key.Hash + CubinExtension);

    /// <summary>The image of an entry, or null where there is none that is whole.</summary>
    internal byte[]? Read(CubinKey key)
    {
        var path = PathOf(key);
        byte[] image;
        try
        {
            image = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (IsFileTrouble(e))
        {
            Delete(key.Hash);
            return null;
        }
        var notePath = Path.ChangeExtension(path, NoteExtension);
        // Another process may be between the two files; the note makes the entry count.
        if (!File.Exists(notePath)) return null;
        var note = CubinNote.Read(notePath);
        if (note is null || image.Length == 0 || note.Sha256 != Convert.ToHexStringLower(SHA256.HashData(image)))
        {
            Delete(key.Hash);
            return null;
        }
        Touch(path);
        return image;
    }

    /// <summary>Writes an entry so that a reader sees all of it or nothing; false where the folder refuses.</summary>
    internal bool Write(CubinKey key, byte[] image)
    {
        try
        {
            Directory.CreateDirectory(Folder);
            // The note last: an entry counts only once its note is there and agrees.
            Replace(PathOf(key), image);
            Replace(Path.Combine(Folder, key.Hash + NoteExtension), CubinNote.Format(key, image));
            Touch(PathOf(key));
        }
        catch (Exception e) when (IsFileTrouble(e))
        {
            Interlocked.CompareExchange(ref s_refusal, $"compiled kernels are not kept, so every run compiles them "
                + $"anew: {e.Message.TrimEnd('.')}; set {FolderVariable} to a folder that can be written", null);
            return false;
        }
        Evict(key.Hash);
        return true;
    }

    /// <summary>Removes an entry, for instance one the driver refused.</summary>
    internal void Remove(CubinKey key) => Delete(key.Hash);

    private static bool IsFileTrouble(Exception e) =>
        e is IOException or UnauthorizedAccessException or System.Security.SecurityException or NotSupportedException;

    private static void Replace(string path, byte[] content)
    {
        var temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Guid.NewGuid():N}{TemporaryExtension}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (IsFileTrouble(e))
        {
            Delete(new FileInfo(temporary));
            throw;
        }
    }

    // The write time is the time of the last use: access times are switched off on many systems.
    private void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (IsFileTrouble(e))
        {
            // A folder that is read only has no order of use, and needs none.
        }
    }

    private void Evict(string justWritten)
    {
        foreach (var file in Files(TemporaryExtension))
            if (_time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc > s_temporaryAge) Delete(file);
        var files = Files(CubinExtension);
        long total = 0;
        foreach (var file in files) total += file.Length;
        if (total <= _limitBytes) return;
        files.Sort(static (a, b) => (a.LastWriteTimeUtc, a.Name).CompareTo((b.LastWriteTimeUtc, b.Name)));
        foreach (var file in files)
        {
            if (total <= _limitBytes) return;
            var hash = Path.GetFileNameWithoutExtension(file.Name);
            if (hash != justWritten && Delete(hash)) total -= file.Length;
        }
    }

    private bool Delete(string hash)
    {
        Delete(new FileInfo(Path.Combine(Folder, hash + NoteExtension)));
        return Delete(new FileInfo(Path.Combine(Folder, hash + CubinExtension)));
    }

    private static bool Delete(FileInfo file)
    {
        try
        {
            file.Delete();
            return true;
        }
        catch (Exception e) when (IsFileTrouble(e))
        {
            return false;
        }
    }

    // Sizes and times are read here: a file that another process removes afterwards must not matter.
    private List<FileInfo> Files(string extension)
    {
        var files = new List<FileInfo>();
        try
        {
            foreach (var file in new DirectoryInfo(Folder).EnumerateFiles("*" + extension))
            {
                _ = file.Length;
                files.Add(file);
            }
        }
        catch (Exception e) when (IsFileTrouble(e))
        {
            // No folder: no entries.
        }
        return files;
    }
}
