using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Codat.Native.Tests;

/// <summary>A small HTTP server on the loopback address that can drop connections in the middle of a file.</summary>
internal sealed class LoopbackServer : IDisposable, IEnumerable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly Thread _thread;

    internal LoopbackServer()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    internal Uri Address { get; }

    /// <summary>Path and first byte of every request so far.</summary>
    internal List<string> Requests { get; } = [];

    /// <summary>The next answers close the connection after so many bytes of the body.</summary>
    internal ConcurrentQueue<int> DropAfter { get; } = new();

    /// <summary>The next answers have these status lines and no body.</summary>
    internal ConcurrentQueue<string> Failures { get; } = new();

    internal bool IgnoresRanges { get; set; }

    /// <summary>Where an answer is cut short the connection stays open until the client hangs up.</summary>
    internal bool StallsInsteadOfDropping { get; set; }

    internal byte[] this[string path]
    {
        set => _files[path] = value;
    }

    public IEnumerator GetEnumerator() => _files.GetEnumerator();

    public void Dispose()
    {
        _listener.Stop();
        _thread.Join();
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                using TcpClient client = _listener.AcceptTcpClient();
                try
                {
                    Answer(client);
                }
                catch (IOException)
                {
                    // The client went away in the middle of the answer: that is its right.
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped: which of these it says depends on where the accept was at that moment.
        }
    }

    private void Answer(TcpClient client)
    {
        client.NoDelay = true;
        using NetworkStream stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string path = (reader.ReadLine() ?? " ").Split(' ')[1];
        int start = 0;
        while (reader.ReadLine() is { Length: > 0 } line)
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                start = int.Parse(line.AsSpan(13, line.Length - 14), CultureInfo.InvariantCulture);
        Requests.Add(path + " " + start);
        bool known = _files.TryGetValue(path, out byte[]? file);
        string? failure = known && file is not null ? null : "404 Not Found";
        if (Failures.TryDequeue(out string? ordered)) failure = ordered;
        if (failure is not null || file is null)
        {
            stream.Write(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {failure}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            return;
        }

        if (IgnoresRanges) start = 0;
        string status = start > 0
            ? $"206 Partial Content\r\nContent-Range: bytes {start}-{file.Length - 1}/{file.Length}"
            : "200 OK";
        stream.Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Length: {file.Length - start}\r\nConnection: close\r\n\r\n"));
        int length = DropAfter.TryDequeue(out int most) ? Math.Min(most, file.Length - start) : file.Length - start;
        stream.Write(file, start, length);
        // The client hangs up when its patience ends: that is what a read of nothing means.
        if (StallsInsteadOfDropping && start + length < file.Length) _ = stream.ReadByte();
    }
}
