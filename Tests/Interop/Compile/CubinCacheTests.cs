using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class CubinCacheTests
{
    private static readonly NvrtcVersion s_nvrtc = new(12, 4);
    private TempFolder _folder = null!; // made before each test
    private CubinCache _cache = null!; // made before each test

    [SetUp]
    public void SetUp()
    {
        _folder = NewFolder();
        _cache = new CubinCache(_folder.File("kernels"));
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var key = Key("a");

        Assert.That(_cache.Read(key), Is.Null);
        Assert.That(_cache.Write(key, Image(1)), Is.True);
        Assert.That(_cache.Read(key), Is.EqualTo(Image(1)));
        Assert.That(_cache.Read(Key("b")), Is.Null);
    }

    [Test]
    public void Write_Entry_IsARawCubinWithAReadableNote()
    {
        _cache.Write(Key("a"), Image(1));

        Assert.That(File.ReadAllBytes(_cache.PathOf(Key("a"))), Is.EqualTo(Image(1)));
        string note = File.ReadAllText(Path.ChangeExtension(_cache.PathOf(Key("a")), ".txt"));
        Assert.That(note, Does.Contain("nvrtc 12.4\nsource a.cu\n").And.Contain("argument --gpu-architecture=sm_90\n"));
        Assert.That(Directory.GetFiles(_cache.Folder), Has.Length.EqualTo(2));
    }

    [Test]
    public void Key_DependsOnEverythingThatGoesIn()
    {
        var source = KernelSource.FromText("a.cu", "x");
        string[] arguments = ["--gpu-architecture=sm_90", "-DA=1"];
        string[] keys =
        [
            CubinKey.Of(source, arguments, s_nvrtc).Hash,
            CubinKey.Of(KernelSource.FromText("a.cu", "y"), arguments, s_nvrtc).Hash,
            CubinKey.Of(KernelSource.FromText("b.cu", "x"), arguments, s_nvrtc).Hash,
            CubinKey.Of(source, ["--gpu-architecture=sm_80", "-DA=1"], s_nvrtc).Hash,
            CubinKey.Of(source, ["--gpu-architecture=sm_90", "-DA=2"], s_nvrtc).Hash,
            CubinKey.Of(source, ["--gpu-architecture=sm_90"], s_nvrtc).Hash,
            CubinKey.Of(source, arguments, new NvrtcVersion(12, 5)).Hash,
        ];

        Assert.That(keys, Is.Unique.And.All.Length.EqualTo(64));
    }

    [TestCase("truncated")]
    [TestCase("empty")]
    [TestCase("changed")]
    [TestCase("note cut short")]
    [TestCase("note empty")]
    public void Read_DamagedEntry_IsAbsentAndRemoved(string damage)
    {
        var key = Key("a");
        _cache.Write(key, Image(1));
        string cubin = _cache.PathOf(key), note = Path.ChangeExtension(cubin, ".txt");
        byte[] changed = Image(1);
        changed[^1] ^= 1;
        switch (damage)
        {
            case "truncated": File.WriteAllBytes(cubin, Image(1)[..^1]); break;
            case "empty": File.WriteAllBytes(cubin, []); break;
            case "changed": File.WriteAllBytes(cubin, changed); break;
            case "note cut short": File.WriteAllText(note, File.ReadAllText(note)[..^10]); break;
            default: File.WriteAllText(note, ""); break;
        }

        Assert.That(_cache.Read(key), Is.Null);
        Assert.That(Directory.GetFiles(_cache.Folder), Is.Empty);
        Assert.That(_cache.Write(key, Image(2)), Is.True);
        Assert.That(_cache.Read(key), Is.EqualTo(Image(2)));
    }

    [Test]
    public void Read_CubinWhoseNoteIsNotThereYet_IsAbsentAndStays()
    {
        _cache.Write(Key("a"), Image(1));
        File.Delete(Path.ChangeExtension(_cache.PathOf(Key("a")), ".txt"));

        Assert.That(_cache.Read(Key("a")), Is.Null);
        Assert.That(File.Exists(_cache.PathOf(Key("a"))), Is.True);
        Assert.That(_cache.List(), Is.Empty);
    }

    [Test]
    public void Read_AFolderInItsPlace_IsAbsent()
    {
        Directory.CreateDirectory(_cache.PathOf(Key("a")));

        Assert.That(_cache.Read(Key("a")), Is.Null);
        Assert.That(() => _cache.Write(Key("a"), Image(1)), Throws.Nothing);
    }

    [Test]
    public void Write_FolderThatCannotBe_IsNoError()
    {
        string file = _folder.Write("file", "");
        var cache = new CubinCache(Path.Combine(file, "kernels"));

        Assert.That(cache.Write(Key("a"), Image(1)), Is.False);
        Assert.That(cache.Read(Key("a")), Is.Null);
        Assert.That(cache.List(), Is.Empty);
        Assert.That(cache.Clear(), Is.Zero);
    }

    [Test]
    public void ReadOnlyFolder_StillServesWhatItHas()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Ignore("permissions do not bind root, and folders have none on Windows");
            return;
        }
        _cache.Write(Key("a"), Image(1));
        File.SetUnixFileMode(_cache.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.That(_cache.Read(Key("a")), Is.EqualTo(Image(1)));
            Assert.That(_cache.Write(Key("b"), Image(2)), Is.False);
        }
        finally
        {
            File.SetUnixFileMode(_cache.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Test]
    public void Write_PastTheLimit_RemovesWhatWasReadLongestAgo()
    {
        var time = new StepTime();
        var cache = new CubinCache(_folder.File("small"), 3 * Image(0).Length, time);
        foreach (string name in new[] { "a", "b", "c" }) cache.Write(Key(name), Image(1));
        cache.Read(Key("a"));

        cache.Write(Key("d"), Image(2));

        string[] left = [.. new[] { "a", "b", "c", "d" }.Where(name => cache.Read(Key(name)) is not null)];
        Assert.That(left, Is.EqualTo(new[] { "a", "c", "d" }));
        Assert.That(Directory.GetFiles(cache.Folder), Has.Length.EqualTo(6));
    }

    [Test]
    public void Write_EntryLargerThanTheLimit_KeepsItAlone()
    {
        var cache = new CubinCache(_folder.File("tiny"), 1, new StepTime());
        cache.Write(Key("a"), Image(1));

        cache.Write(Key("b"), Image(2));

        Assert.That(cache.List().Select(e => e.Source), Is.EqualTo(new[] { "b.cu" }));
    }

    [Test]
    public void Write_OldLeftoversOfKilledWriters_AreSwept()
    {
        var time = new StepTime();
        var cache = new CubinCache(_folder.File("swept"), 1 << 20, time);
        cache.Write(Key("a"), Image(1));
        string old = Path.Combine(cache.Folder, "x.cubin.1.tmp"), recent = Path.Combine(cache.Folder, "y.cubin.2.tmp");
        File.WriteAllText(old, "");
        File.SetLastWriteTimeUtc(old, time.Now.AddHours(-2).UtcDateTime);
        File.WriteAllText(recent, "");
        File.SetLastWriteTimeUtc(recent, time.Now.AddMinutes(-1).UtcDateTime);

        cache.Write(Key("b"), Image(2));

        Assert.That(File.Exists(old), Is.False);
        Assert.That(File.Exists(recent), Is.True);
    }

    [Test]
    public void ListAndClear_CoverEveryEntry()
    {
        _cache.Write(Key("b"), Image(1));
        _cache.Write(Key("a"), Image(2));
        File.WriteAllText(Path.Combine(_cache.Folder, "left.txt"), "");

        var entries = _cache.List();
        int removed = _cache.Clear();

        Assert.Multiple(() =>
        {
            Assert.That(entries.Select(e => (e.Source, e.Architecture, e.Bytes)),
                Is.EqualTo(new[] { ("a.cu", 90, (long)Image(0).Length), ("b.cu", 90, (long)Image(0).Length) }));
            Assert.That(removed, Is.EqualTo(2));
            Assert.That(Directory.GetFiles(_cache.Folder), Is.Empty);
        });
    }

    [Test]
    public void ManyWriters_OfOneFolder_LeaveOnlyWholeEntries()
    {
        const int Threads = 8, Rounds = 40;
        string folder = _folder.File("shared");
        var wrong = 0;
        var threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int own = t;
            threads[t] = new Thread(() =>
            {
                // A cache of its own for each thread, as another process has.
                var cache = new CubinCache(folder, 4 * Image(0).Length);
                for (int round = 0; round < Rounds; round++)
                {
                    int entry = (own + round) % 6;
                    cache.Write(Key($"k{entry}"), Image(entry));
                    int other = (own * 3 + round) % 6;
                    if (cache.Read(Key($"k{other}")) is { } image && !image.AsSpan().SequenceEqual(Image(other)))
                        Interlocked.Increment(ref wrong);
                }
            });
            threads[t].Start();
        }
        foreach (var thread in threads) thread.Join();

        Assert.That(wrong, Is.Zero);
        Assert.That(Directory.GetFiles(folder, "*.tmp"), Is.Empty);
    }

    [TestCase("/own", "/xdg", ExpectedResult = "/own")]
    [TestCase("", "/xdg", ExpectedResult = "/xdg/codat-native")]
    [TestCase(null, "relative", ExpectedResult = "/local/codat-native/cache")]
    [TestCase(null, null, ExpectedResult = "/local/codat-native/cache")]
    public string DefaultFolder_FollowsTheEnvironment(string? own, string? xdg) =>
        CubinCache.DefaultFolder(name => name == CubinCache.FolderVariable ? own : name == "XDG_CACHE_HOME" ? xdg : null,
            "/local").Replace('\\', '/');

    [Test]
    public void DefaultFolder_WithoutAnyFolder_IsATemporaryOne() =>
        Assert.That(CubinCache.DefaultFolder(_ => null, ""), Does.StartWith(Path.GetTempPath()));

    // Made and disposed around each test, not with the fixture.
    private static TempFolder NewFolder() => new();

    private static CubinKey Key(string name) =>
        CubinKey.Of(KernelSource.FromText(name + ".cu", name), ["--gpu-architecture=sm_90"], s_nvrtc);

    private static byte[] Image(int seed)
    {
        var image = new byte[4096];
        for (int i = 0; i < image.Length; i++) image[i] = (byte)(i * 7 + seed);
        return image;
    }

    /// <summary>A clock that goes on by a minute at every look.</summary>
    private sealed class StepTime : TimeProvider
    {
        internal DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now += TimeSpan.FromMinutes(1);
    }
}
