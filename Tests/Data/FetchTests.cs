using System.Security.Cryptography;
using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

[CancelAfter(60_000)]
internal sealed class FetchTests
{
    private static readonly byte[] s_file = SampleFiles.Random(300_000, 21);

    private static FetchOptions Fast => new() { RetryDelay = TimeSpan.Zero, StallTimeout = TimeSpan.FromSeconds(20) };

    [Test]
    public async Task Fetch_SingleFiles_ArriveCheckedWithProgress()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        using var fetcher = new DatasetFetcher();
        var progress = new ProgressList();

        string place = await fetcher.FetchAsync(OneFile(server), folder.Path, Fast with { Progress = progress },
            default);

        Assert.That(await File.ReadAllBytesAsync(Path.Combine(place, "a.gz")), Is.EqualTo(s_file));
        Assert.That(Directory.GetFiles(place), Has.Length.EqualTo(1), "no .part is left");
        Assert.That(progress.Items[^1], Is.EqualTo(new FetchProgress("a.gz", 300_000, 300_000)));
        Assert.That(progress.Items.Select(p => p.Bytes), Is.Ordered.Ascending);
    }

    [Test]
    public async Task Fetch_AlreadyThere_AsksNothing()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        using var fetcher = new DatasetFetcher();
        await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Fetch_ConnectionDrops_GoesOnWhereItStopped()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        server.DropAfter.Enqueue(100_000);
        server.DropAfter.Enqueue(50_000);
        using var fetcher = new DatasetFetcher();

        string place = await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        Assert.That(await File.ReadAllBytesAsync(Path.Combine(place, "a.gz")), Is.EqualTo(s_file));
        Assert.That(server.Requests, Is.EqualTo(new[] { "/a.gz 0", "/a.gz 100000", "/a.gz 150000" }));
    }

    [Test]
    public async Task Fetch_PartOfAnEarlierRun_IsContinued()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        folder.Write("tiny/a.gz.part", s_file[..200_000]);
        using var fetcher = new DatasetFetcher();

        await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { "/a.gz 200000" }));
        Assert.That(await File.ReadAllBytesAsync(folder.File("tiny/a.gz")), Is.EqualTo(s_file));
    }

    [Test]
    public async Task Fetch_PartOfAnotherFile_StartsOver()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        folder.Write("tiny/a.gz.part", new byte[1000]);
        using var fetcher = new DatasetFetcher();

        await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { "/a.gz 1000", "/a.gz 0" }));
        Assert.That(await File.ReadAllBytesAsync(folder.File("tiny/a.gz")), Is.EqualTo(s_file));
    }

    [Test]
    public async Task Fetch_ServerWithoutRanges_StartsOver()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        server.IgnoresRanges = true;
        folder.Write("tiny/a.gz.part", s_file[..200_000]);
        using var fetcher = new DatasetFetcher();

        await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        Assert.That(await File.ReadAllBytesAsync(folder.File("tiny/a.gz")), Is.EqualTo(s_file));
    }

    [Test]
    public async Task Fetch_WrongChecksum_IsRefusedAndNothingIsLeft()
    {
        using var folder = new TempFolder();
        byte[] other = [.. s_file];
        other[150_000] ^= 1;
        using var server = new LoopbackServer { ["/a.gz"] = other };
        using var fetcher = new DatasetFetcher();

        var error = await Assert.ThrowsAsync<DatasetException>(
            () => fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default));

        Assert.That(error?.Message, Does.Contain("checksum").And.Contain("--mirror"));
        Assert.That(error?.Expected, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(s_file))));
        Assert.That(Directory.GetFiles(folder.File("tiny")), Is.Empty);
    }

    [Test]
    public async Task Fetch_AnotherLength_IsRefusedBeforeItIsDownloaded()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = new byte[1000] };
        using var fetcher = new DatasetFetcher();

        var error = await Assert.ThrowsAsync<DatasetException>(
            () => fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default));

        Assert.That(error?.Message, Does.Contain("300,000 bytes").And.Contain("1,000 bytes"));
    }

    [Test]
    public async Task Fetch_NotFound_SaysSoAtOnce()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer();
        using var fetcher = new DatasetFetcher();

        var error = await Assert.ThrowsAsync<DatasetException>(
            () => fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default));

        Assert.That(error?.Found, Does.Contain("404"));
        Assert.That(error?.Where, Does.EndWith("/a.gz"));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Fetch_AlwaysDroppedAndNeverContinued_GivesUp()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        for (int i = 0; i < 20; i++)
        {
            server.DropAfter.Enqueue(1000);
            if (i % 2 == 1) server.Failures.Enqueue("416 Range Not Satisfiable");
        }

        server.IgnoresRanges = true;
        using var fetcher = new DatasetFetcher();

        await Assert.ThrowsAsync<DatasetException>(
            () => fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default));

        Assert.That(server.Requests, Has.Count.LessThan(20));
    }

    [Test]
    public async Task Fetch_ServerBusy_TriesAgain()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        server.Failures.Enqueue("503 Service Unavailable");
        server.Failures.Enqueue("429 Too Many Requests");
        using var fetcher = new DatasetFetcher();

        await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        Assert.That(server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Fetch_RangeRefused_StartsOver()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        server.Failures.Enqueue("416 Range Not Satisfiable");
        folder.Write("tiny/a.gz.part", s_file[..1000]);
        using var fetcher = new DatasetFetcher();

        await fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { "/a.gz 1000", "/a.gz 0" }));
    }

    [Test]
    public async Task Fetch_ConnectionStalls_CountsAsDropped()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        server.StallsInsteadOfDropping = true;
        server.DropAfter.Enqueue(100_000);
        using var fetcher = new DatasetFetcher();
        FetchOptions impatient = Fast with { StallTimeout = TimeSpan.FromSeconds(1.5) };

        await fetcher.FetchAsync(OneFile(server), folder.Path, impatient, default);

        Assert.That(server.Requests, Is.EqualTo(new[] { "/a.gz 0", "/a.gz 100000" }));
        Assert.That(await File.ReadAllBytesAsync(folder.File("tiny/a.gz")), Is.EqualTo(s_file));
    }

    [Test]
    public async Task Fetch_NobodyListens_GivesUpAfterItsAttempts()
    {
        using var folder = new TempFolder();
        Uri address;
        using (var server = new LoopbackServer()) address = server.Address;
        using var fetcher = new DatasetFetcher();
        DatasetInfo info = OneFile(address);

        var error = await Assert.ThrowsAsync<DatasetException>(
            () => fetcher.FetchAsync(info, folder.Path, Fast, default));

        Assert.That(error?.Message, Does.Contain("the download failed").And.Contain("--mirror"));
        Assert.That(error?.IsUsage, Is.False);
    }

    [Test]
    public async Task Fetch_Cancelled_KeepsWhatArrived()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        using var cancel = new CancellationTokenSource();
        var progress = new ProgressList { OnReport = _ => cancel.Cancel() };
        using var fetcher = new DatasetFetcher();

        await Assert.CatchAsync<OperationCanceledException>(() => fetcher.FetchAsync(OneFile(server), folder.Path,
            Fast with { Progress = progress }, cancel.Token));

        byte[] part = File.ReadAllBytes(folder.File("tiny/a.gz.part"));
        Assert.That(part, Is.Not.Empty);
        Assert.That(part, Is.EqualTo(s_file[..part.Length]));
    }

    [Test]
    [Platform("Linux")]
    public async Task Fetch_DiskFull_SaysSo()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/a.gz"] = s_file };
        Directory.CreateDirectory(folder.File("tiny"));
        File.CreateSymbolicLink(folder.File("tiny/a.gz.part"), "/dev/full");
        using var fetcher = new DatasetFetcher();

        var error = await Assert.ThrowsAsync<DatasetException>(
            () => fetcher.FetchAsync(OneFile(server), folder.Path, Fast, default));

        Assert.That(error?.What, Is.EqualTo("the disk is full"));
    }

    [Test]
    public async Task Fetch_Mirror_ReplacesTheAddressAndKeepsTheName()
    {
        using var folder = new TempFolder();
        using var server = new LoopbackServer { ["/pub/data/a.gz"] = s_file };
        using var fetcher = new DatasetFetcher();
        DatasetInfo info = OneFile(new Uri("http://unreachable.invalid/"));

        await fetcher.FetchAsync(info, folder.Path, Fast with { Mirror = new Uri(server.Address, "pub/data") },
            default);

        Assert.That(server.Requests, Is.EqualTo(new[] { "/pub/data/a.gz 0" }));
    }

    [Test]
    public async Task Fetch_NothingToFetchOrMirrorOfAnotherKind_IsRefused()
    {
        using var folder = new TempFolder();
        using var fetcher = new DatasetFetcher();

        await Assert.ThrowsAsync<DatasetException>(() => fetcher.FetchAsync("synthetic", folder.Path));
        await Assert.ThrowsAsync<DatasetException>(() => fetcher.FetchAsync("fashion-mnist-mini", folder.Path));
        await Assert.ThrowsAsync<DatasetException>(() => fetcher.FetchAsync("cifar10", folder.Path,
            new FetchOptions { Mirror = new Uri("ftp://example.org/") }));
    }

    [Test]
    public void Verify_DamagedFiles_AreToldApart()
    {
        using var folder = new TempFolder();
        DatasetInfo info = OneFile(new Uri("http://unreachable.invalid/"));
        Assert.That(Status(), Is.EqualTo(FileStatus.Missing));
        folder.Write("a.gz", s_file[..10]);
        Assert.That(Status(), Is.EqualTo(FileStatus.WrongLength));
        folder.Write("a.gz", new byte[300_000]);
        Assert.That(Status(), Is.EqualTo(FileStatus.WrongChecksum));
        folder.Write("a.gz", s_file);
        Assert.That(Status(), Is.EqualTo(FileStatus.Verified));
        info = info with { Files = [info.Files[0] with { Sha256 = null, Md5 = SampleFiles.Md5(s_file) }] };
        Assert.That(Status(), Is.EqualTo(FileStatus.Verified));
        info = info with { Files = [info.Files[0] with { Md5 = null }] };
        Assert.That(Status(), Is.EqualTo(FileStatus.LengthOnly));

        FileStatus Status() => DatasetFetcher.CheckAll(info, folder.Path)[0].Status;
    }

    private static DatasetInfo OneFile(LoopbackServer server) => OneFile(server.Address);

    private static DatasetInfo OneFile(Uri address) => new()
    {
        Name = "tiny",
        Summary = "",
        Files = [new("a.gz", 300_000, DatasetSplit.Train, null, Convert.ToHexStringLower(SHA256.HashData(s_file)),
            new Uri(address, "a.gz"))],
    };

    private sealed class ProgressList : IProgress<FetchProgress>
    {
        public List<FetchProgress> Items { get; } = [];

        public Action<FetchProgress>? OnReport { get; init; }

        public void Report(FetchProgress value)
        {
            Items.Add(value);
            OnReport?.Invoke(value);
        }
    }
}
