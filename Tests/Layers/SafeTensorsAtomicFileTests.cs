using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class SafeTensorsAtomicFileTests
{
    private string _folder = "";
    private string _path = "";

    [SetUp]
    public void CreateFolder()
    {
        _folder = Directory.CreateTempSubdirectory("codat-atomic-").FullName;
        _path = Path.Combine(_folder, "file.txt");
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Write_NewAndExistingFile_HoldsTheNewContentAndNothingElse()
    {
        AtomicFile.WriteAllText(_path, "a longer first text");
        AtomicFile.WriteAllText(_path, "é");

        Assert.That(File.ReadAllBytes(_path), Is.EqualTo(new byte[] { 0xC3, 0xA9 }));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { _path }));
    }

    [Test]
    public void Write_WhileWriting_TheOldFileIsStillThereWhole()
    {
        AtomicFile.WriteAllText(_path, "old");

        AtomicFile.Write(_path, stream =>
        {
            stream.Write(new byte[100_000]);
            stream.Flush();
            Assert.That(File.ReadAllText(_path), Is.EqualTo("old"));
            Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(2), "the temporary file is in the same folder");
        });

        Assert.That(new FileInfo(_path).Length, Is.EqualTo(100_000));
    }

    [Test]
    public void Write_CallbackThrows_OldFileStaysAndNoTemporaryIsLeft()
    {
        AtomicFile.WriteAllText(_path, "old");

        Assert.That(() => AtomicFile.Write(_path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException("mine");
        }), Throws.InvalidOperationException.With.Message.EqualTo("mine"));

        Assert.That(File.ReadAllText(_path), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void Write_StreamFails_NamesThePathAndKeepsTheOldFile()
    {
        AtomicFile.WriteAllText(_path, "old");

        Assert.That(() => AtomicFile.Write(_path, _ => throw new IOException("lost the disk")),
            Throws.TypeOf<CodatException>().With.Message.Contains(_path).And.Message.Contains("lost the disk")
                .And.Property(nameof(CodatException.IsUsage)).False);

        Assert.That(File.ReadAllText(_path), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    [TestCase(10)]
    [TestCase(10_000_000)]
    public void Write_DiskFull_SaysSoAndKeepsTheOldFile(int bytes)
    {
        if (!File.Exists("/dev/full")) Assert.Ignore("there is no /dev/full here");
        AtomicFile.WriteAllText(_path, "old");

        Assert.That(
            () => AtomicFile.Write(_path, stream => stream.Write(new byte[bytes]),
                _ => new FileStream("/dev/full", FileMode.Open, FileAccess.Write)),
            Throws.TypeOf<CodatException>().With.Message.Contains("disk is full").And.Message.Contains(_path)
                .And.Property(nameof(CodatException.IsUsage)).False);

        Assert.That(File.ReadAllText(_path), Is.EqualTo("old"));
    }

    [Test]
    public void Write_NoSuchFolder_SaysSo() => Assert.That(
        () => AtomicFile.WriteAllText(Path.Combine(_folder, "none", "x"), ""),
        Throws.TypeOf<CodatException>().With.Message.Contains("create the folder"));

    [Test]
    public void Write_Device_IsRefused()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("device names of Linux");

        Assert.That(() => AtomicFile.WriteAllText("/dev/full", "x"),
            Throws.TypeOf<CodatException>().With.Message.Contains("device"));
    }

    [Test]
    public void Write_TargetIsAFolder_RefusedAndNoTemporaryIsLeft()
    {
        Directory.CreateDirectory(_path);

        Assert.That(() => AtomicFile.WriteAllText(_path, "x"), Throws.TypeOf<CodatException>());

        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { _path }));
    }
}
