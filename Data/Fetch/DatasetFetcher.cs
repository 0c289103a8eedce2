namespace Codat.Native.Data;

/// <summary>
/// Downloads data sets from their official addresses or a mirror: continued after an interruption, checked against
/// length and checksum, unpacked beside its final place and renamed, so that a folder holds a whole data set or none.
/// </summary>
public sealed class DatasetFetcher : IDisposable
{
    private readonly HttpClient _client;

    /// <summary>Creates a fetcher with its own connections.</summary>
    public DatasetFetcher()
    {
        _client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) },
            disposeHandler: true)
        {
            // Stalls are watched piece by piece; a whole archive may take as long as it takes.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("codat");
    }

    /// <summary>Downloads what is missing or damaged into DIR/NAME; returns the folder of the files.</summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="dataFolder">DIR, or null for <see cref="DatasetCatalog.DefaultFolder"/>.</param>
    /// <param name="options">Mirror, progress, patience.</param>
    /// <param name="cancellation">Stops; what has arrived is kept for the next time.</param>
    /// <exception cref="DatasetException">The download failed, or there is nothing to download for this data
    /// set.</exception>
    public Task<string> FetchAsync(string name, string? dataFolder, FetchOptions? options = null,
        CancellationToken cancellation = default) =>
        FetchAsync(DatasetCatalog.Get(name), dataFolder ?? DatasetCatalog.DefaultFolder, options ?? new FetchOptions(),
            cancellation);

    /// <summary>Checks length and checksum of every file of a data set.</summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="dataFolder">The user's folder, or null for <see cref="DatasetCatalog.DefaultFolder"/>.</param>
    public static IReadOnlyList<FileCheck> Verify(string name, string? dataFolder)
    {
        DatasetInfo info = DatasetCatalog.Get(name);
        return CheckAll(info, DatasetCatalog.Find(name, dataFolder));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    internal static List<FileCheck> CheckAll(DatasetInfo info, string folder)
    {
        var checks = new List<FileCheck>();
        foreach (DatasetFile file in info.Files)
        {
            (string path, long bytes) = DatasetCatalog.Locate(file, folder);
            bool published = bytes == file.Bytes;
            checks.Add(Checksum.Check(path, bytes, published ? file.Md5 : null, published ? file.Sha256 : null));
        }

        return checks;
    }

    internal async Task<string> FetchAsync(DatasetInfo info, string root, FetchOptions options,
        CancellationToken cancellation)
    {
        if (!info.CanFetch)
            throw new DatasetException("there is nothing to fetch for this data set", info.Name,
                fix: info.Ships ? "it ships with the program" : null);
        if (options.Mirror is { } mirror && mirror.Scheme is not ("http" or "https"))
            throw new DatasetException("the mirror is not a web address", "--mirror", "http:// or https://",
                mirror.ToString());
        string home = Path.Combine(root, info.Name);
        string folder = info.Folder is null ? home : Path.Combine(home, info.Folder);
        CreateFolder(home);
        if (CheckAll(info, folder).TrueForAll(check => check.IsGood)) return folder;
        if (info.Archive is { } archive)
            await FetchArchiveAsync(info, archive, home, folder, options, cancellation).ConfigureAwait(false);
        else
            await FetchFilesAsync(info, home, options, cancellation).ConfigureAwait(false);
        return folder;
    }

    private async Task FetchFilesAsync(DatasetInfo info, string home, FetchOptions options,
        CancellationToken cancellation)
    {
        foreach (DatasetFile file in info.Files)
        {
            string path = Path.Combine(home, file.Name);
            if (file.Url is null || Checksum.Check(path, file.Bytes, file.Md5, file.Sha256).IsGood) continue;
            var download = new HttpDownload(_client, options, Address(file.Url, options.Mirror), path, file.Bytes,
                file.Md5, file.Sha256);
            await download.RunAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task FetchArchiveAsync(DatasetInfo info, DatasetArchive archive, string home, string folder,
        FetchOptions options, CancellationToken cancellation)
    {
        string path = Path.Combine(home, archive.Name);
        if (!Checksum.Check(path, archive.Bytes, archive.Md5, archive.Sha256).IsGood)
        {
            var download = new HttpDownload(_client, options, Address(archive.Url, options.Mirror), path, archive.Bytes,
                archive.Md5, archive.Sha256);
            await download.RunAsync(cancellation).ConfigureAwait(false);
        }

        string temporary = Path.Combine(home, ".unpacking-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(temporary);
        try
        {
            TarGz.Extract(path, info.Folder, info.Files, temporary, cancellation);
            foreach (FileCheck check in CheckAll(info, temporary))
                if (!check.IsGood)
                    throw new DatasetException("a file of the archive is not the published one",
                        path + ":" + check.Name, check.Expected, check.Found, isUsage: false);
            if (!Directory.Exists(folder)) Directory.Move(temporary, folder);
            else
                foreach (DatasetFile file in info.Files)
                    File.Move(Path.Combine(temporary, file.Name), Path.Combine(folder, file.Name), overwrite: true);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }

        File.Delete(path);
    }

    /// <summary>The official address, or the file of the same name at the mirror.</summary>
    private static Uri Address(Uri official, Uri? mirror) =>
        mirror is null ? official : new Uri(
            mirror.AbsoluteUri.TrimEnd('/') + "/" + Path.GetFileName(official.AbsolutePath));

    private static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException("the folder cannot be created", path, found: e.Message,
                fix: "give another folder with --data DIR", isUsage: false, inner: e);
        }
    }
}
