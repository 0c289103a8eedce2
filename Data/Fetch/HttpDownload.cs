using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Codat.Native.Data;

/// <summary>
/// One file over HTTP into <c>PATH.part</c>, continued where an earlier attempt stopped, checked, then renamed to PATH.
/// </summary>
internal sealed class HttpDownload
{
    private const int BufferBytes = 128 * 1024;
    private const int DiskFullWindows = 0x70, HandleDiskFullWindows = 0x27, NoSpaceUnix = 28;

    private readonly HttpClient _client;
    private readonly FetchOptions _options;
    private readonly Uri _url;
    private readonly string _path;
    private readonly string _part;
    private readonly long _bytes;
    private readonly string? _md5;
    private readonly string? _sha256;
    private readonly byte[] _buffer = new byte[BufferBytes];

    internal HttpDownload(HttpClient client, FetchOptions options, Uri url, string path, long bytes, string? md5,
        string? sha256)
    {
        _client = client;
        _options = options;
        _url = url;
        _path = path;
        _part = path + ".part";
        _bytes = bytes;
        _md5 = md5;
        _sha256 = sha256;
    }

    internal async Task RunAsync(CancellationToken cancellation)
    {
        bool continued = PartLength() > 0;
        await ReceiveAllAsync(cancellation).ConfigureAwait(false);
        FileCheck check = Checksum.Check(_part, _bytes, _md5, _sha256);
        if (!check.IsGood && continued)
        {
            // The piece that was there may have been of another file: once more from the start.
            File.Delete(_part);
            await ReceiveAllAsync(cancellation).ConfigureAwait(false);
            check = Checksum.Check(_part, _bytes, _md5, _sha256);
        }

        if (!check.IsGood)
        {
            File.Delete(_part);
            throw new DatasetException("the checksum of the downloaded file is wrong", _url.ToString(), check.Expected,
                check.Found, "try again, or another address with --mirror URL", isUsage: false);
        }

        File.Move(_part, _path, overwrite: true);
    }

    private async Task ReceiveAllAsync(CancellationToken cancellation)
    {
        int fruitless = 0;
        long furthest = PartLength();
        while (PartLength() != _bytes)
        {
            string problem = await ReceiveAsync(PartLength(), cancellation).ConfigureAwait(false);
            long reached = PartLength();
            if (reached == _bytes) return;
            // Only a new furthest point counts, or a server that makes us start over each time would hold us forever.
            fruitless = reached > furthest ? 0 : fruitless + 1;
            furthest = Math.Max(furthest, reached);
            if (fruitless >= _options.Attempts)
                throw new DatasetException("the download failed", _url.ToString(), DataFile.Bytes(_bytes), problem,
                    "try again: it goes on where it stopped; or another address with --mirror URL", isUsage: false);
            TimeSpan delay = _options.RetryDelay * (1 << Math.Min(fruitless, 6));
            await Task.Delay(delay, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>One request; returns why it ended, and throws where asking again cannot help.</summary>
    private async Task<string> ReceiveAsync(long start, CancellationToken cancellation)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(_options.StallTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _url);
            if (start > 0) request.Headers.Range = new RangeHeaderValue(start, null);
            using HttpResponseMessage response = await _client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                File.Delete(_part);
                return Describe(response);
            }

            if (!response.IsSuccessStatusCode) return Refused(response);
            bool goesOn = response.StatusCode == HttpStatusCode.PartialContent
                && response.Content.Headers.ContentRange?.From == start;
            if (!goesOn && response.StatusCode == HttpStatusCode.PartialContent)
            {
                File.Delete(_part);
                return "a range that was not asked for";
            }

            long first = goesOn ? start : 0;
            if (response.Content.Headers.ContentLength is { } rest && first + rest != _bytes)
                throw new DatasetException("the server has a file of another length", _url.ToString(),
                    DataFile.Bytes(_bytes), DataFile.Bytes(first + rest), "use another address with --mirror URL");
            using Stream body = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
            return await CopyAsync(body, first, stall).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "no data for " + _options.StallTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture) + " s";
        }
    }

    private async Task<string> CopyAsync(Stream body, long start, CancellationTokenSource stall)
    {
        using FileStream file = OpenPart(start);
        long done = start;
        while (true)
        {
            int read = await body.ReadAsync(_buffer, stall.Token).ConfigureAwait(false);
            if (read == 0)
            {
                // On the disk before the rename, so that a file under its final name is whole even after a power cut.
                file.Flush(flushToDisk: true);
                return "the connection closed after " + DataFile.Bytes(done);
            }

            if (done + read > _bytes)
                throw new DatasetException("the server sends more than the file holds", _url.ToString(),
                    DataFile.Bytes(_bytes), "more", "use another address with --mirror URL");
            Write(file, _buffer.AsSpan(0, read));
            done += read;
            stall.CancelAfter(_options.StallTimeout);
            _options.Progress?.Report(new FetchProgress(Path.GetFileName(_path), done, _bytes));
        }
    }

    private FileStream OpenPart(long start)
    {
        try
        {
            // Unbuffered, so that a full disk shows at the write and not at the close.
            var file = new FileStream(_part, start > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write,
                FileShare.Read, 0);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(e);
        }
    }

    private void Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            file.Write(bytes);
        }
        catch (IOException e)
        {
            throw CannotWrite(e);
        }
    }

    private DatasetException CannotWrite(Exception e)
    {
        bool full = e is IOException
            && (e.HResult == NoSpaceUnix || (e.HResult & 0xffff) is DiskFullWindows or HandleDiskFullWindows);
        return full
            ? new DatasetException("the disk is full", _part, DataFile.Bytes(_bytes) + " in all", e.Message,
                "make room and try again (it goes on where it stopped), or give another folder with --data DIR",
                isUsage: false, e)
            : new DatasetException("the file cannot be written", _part, found: e.Message,
                fix: "give another folder with --data DIR", isUsage: false, inner: e);
    }

    private string Refused(HttpResponseMessage response)
    {
        bool canPass = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || (int)response.StatusCode >= 500;
        if (canPass) return Describe(response);
        throw new DatasetException("the server refuses the file", _url.ToString(), found: Describe(response),
            fix: "use another address with --mirror URL", isUsage: false);
    }

    private static string Describe(HttpResponseMessage response) =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP status {(int)response.StatusCode} {response.ReasonPhrase}");

    private long PartLength()
    {
        var info = new FileInfo(_part);
        if (!info.Exists) return 0;
        if (info.Length <= _bytes) return info.Length;
        info.Delete();
        return 0;
    }
}
