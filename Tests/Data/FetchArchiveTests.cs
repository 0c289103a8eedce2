using System.Formats.Tar;
using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

[CancelAfter(60_000)]
internal sealed class FetchArchiveTests
{
    private static readonly byte[] s_file = SampleFiles.Random(1_500, 22);

    private static FetchOptions Fast => new() { RetryDelay = TimeSpan.Zero, StallTimeout = TimeSpan.FromSeconds(20) };

    [Test]
    public async Task Fetch_Archive_UnpacksWhatBelongsToTheDataSetOnly()
    {
        using var folder = new TempFolder();
        byte[] archive = Archive(
            ("inner/one.bin", s_file[..1000]), ("inner/readme.html", [1]), ("./inner/two.bin", [7, 8]));
        using var server = new LoopbackServer { ["/pack.tar.gz"] = archive };
        using var fetcher = new DatasetFetcher();

        string place = await fetcher.FetchAsync(Packed(server, archive), folder.Path, Fast, default);

        Assert.That(place, Is.EqualTo(folder.File("packed/inner")));
        Assert.That(Directory.GetFiles(place).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "one.bin", "two.bin" }));
        Assert.That(await File.ReadAllBytesAsync(Path.Combine(place, "one.bin")), Is.EqualTo(s_file[..1000]));
        Assert.That(Directory.GetFileSystemEntries(folder.File("packed")), Has.Length.EqualTo(1),
            "nothing else is left");
    }

    [TestCase("../evil.bin")]
    [TestCase("/tmp/evil.bin")]
    [TestCase("inner/../../evil.bin")]
    [TestCase("inner\\..\\..\\evil.bin")]
    public async Task Fetch_ArchiveThatLeavesItsFolder_IsRefused(string entry)
    {
        using var folder = new TempFolder();
        byte[] archive = Archive((entry, [1]), ("inner/one.bin", s_file[..1000]), ("inner/two.bin", [7, 8]));
        using var server = new LoopbackServer { ["/pack.tar.gz"] = archive };
        using var fetcher = new DatasetFetcher();

        var error = await Assert.ThrowsAsync<DatasetException>(
            () => fetcher.FetchAsync(Packed(server, archive), folder.Path, Fast, default));

        Assert.That(error?.Message, Does.Contain("leaves its folder"));
        Assert.That(Directory.Exists(folder.File("packed/inner")), Is.False);
        Assert.That(Directory.GetDirectories(folder.File("packed")), Is.Empty);
    }

    [Test]
    public async Task Fetch_ArchiveWithAWrongOrMissingFile_LeavesNoFolder()
    {
        using var folder = new TempFolder();
        byte[] longer = Archive(("inner/one.bin", s_file[..1001]), ("inner/two.bin", [7, 8]));
        byte[] wrong = Archive(("inner/one.bin", s_file[..1000]), ("inner/two.bin", [7, 9]));
        byte[] missing = Archive(("inner/one.bin", s_file[..1000]));
        byte[] link = Archive(("inner/one.bin", s_file[..1000]), ("inner/two.bin", null));
        byte[] cut = Archive(("inner/one.bin", s_file[..1000]))[..400];
        using var fetcher = new DatasetFetcher();

        foreach (byte[] archive in (byte[][])[longer, wrong, missing, link, cut])
        {
            using var server = new LoopbackServer { ["/pack.tar.gz"] = archive };
            DatasetInfo info = Packed(server, archive);
            await Assert.ThrowsAsync<DatasetException>(() => fetcher.FetchAsync(info, folder.Path, Fast, default));
            Assert.That(Directory.GetDirectories(folder.File("packed")), Is.Empty);
        }
    }

    private static DatasetInfo Packed(LoopbackServer server, byte[] archive) => new()
    {
        Name = "packed",
        Summary = "",
        Folder = "inner",
        Archive = new(new Uri(server.Address, "pack.tar.gz"), archive.Length,
            SampleFiles.Md5(archive)),
        Files =
        [
            new("one.bin", 1000, DatasetSplit.Train, SampleFiles.Md5(s_file.AsSpan(0, 1000))),
            new("two.bin", 2, DatasetSplit.Test, SampleFiles.Md5([7, 8])),
        ],
    };

    /// <summary>A .tar.gz; an entry without bytes is a symbolic link.</summary>
    private static byte[] Archive(params (string Name, byte[]? Data)[] entries)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, byte[]? data) in entries)
            {
                UstarTarEntry entry = data is null
                    ? new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = "one.bin" }
                    : new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(data) };
                writer.WriteEntry(entry);
            }
        }

        return SampleFiles.Gzip(tar.ToArray());
    }
}
