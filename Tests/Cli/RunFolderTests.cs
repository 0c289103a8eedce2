using System.Diagnostics;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class RunFolderTests
{
    private static TrainOptions Options(string? output = null) => TrainOptions.Preset("cifar10", ObjectiveKind.Trades)
        with { Seed = 7, Out = output };

    [Test]
    public void NameOf_Options_IsDateDataSetModelObjectiveSeed()
    {
        var time = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);

        Assert.That(RunFolder.NameOf(Options(), time), Is.EqualTo("20310203-040506-cifar10-resnet18-trades-s7"));
    }

    [Test]
    public void Create_NewFolder_HoldsReRunnableSettings()
    {
        using var temp = new TempFolder();

        using RunFolder run = RunFolder.Create(Options(temp.File("run")));

        Assert.That(TrainConfig.Read(File.ReadAllText(run.ConfigPath), "c"), Is.EqualTo(Options()));
        Assert.That(Directory.Exists(run.StatePath), Is.True);
    }

    [Test]
    public void Create_EmptyExistingFolder_IsAccepted()
    {
        using var temp = new TempFolder();

        using RunFolder run = RunFolder.Create(Options(temp.Path));

        Assert.That(run.Path, Is.EqualTo(temp.Path));
    }

    [Test]
    public void Choose_FolderWithAFile_IsRefusedAndLeftAlone()
    {
        using var temp = new TempFolder();
        temp.Write("mine.txt", "mine");

        CodatException error = Assert.Throws<CodatException>(() => RunFolder.Create(Options(temp.Path)))!;

        Assert.That(error.Where, Is.EqualTo(temp.Path));
        Assert.That(Directory.GetFileSystemEntries(temp.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Choose_File_IsRefused()
    {
        using var temp = new TempFolder();
        string path = temp.Write("file", "");

        Assert.Throws<CodatException>(() => RunFolder.Choose(Options(path)));
    }

    [Test]
    public void Open_WhileHeld_IsRefusedThenAllowed()
    {
        using var temp = new TempFolder();
        RunFolder first = RunFolder.Create(Options(temp.File("run")));

        CodatException error = Assert.Throws<CodatException>(() => RunFolder.Open(first.Path))!;
        first.Dispose();
        using RunFolder second = RunFolder.Open(first.Path);

        Assert.That(error.What, Does.Contain("in use by a live process"));
        Assert.That(second.ReadConfig(), Is.EqualTo(Options()));
    }

    [Test]
    [Platform(Include = "Linux")]
    public void Open_HeldByAnotherProcess_IsRefusedUntilItIsKilled()
    {
        if (!File.Exists("/usr/bin/flock")) Assert.Ignore("needs flock of util-linux");
        using var temp = new TempFolder();
        using (RunFolder run = RunFolder.Create(Options(temp.File("run")))) { }
        string lockFile = Path.Combine(temp.File("run"), "state", "lock");
        using Process holder = Process.Start(new ProcessStartInfo("/usr/bin/flock",
            ["--no-fork", "-x", lockFile, "sh", "-c", "echo held; exec sleep 600"]) { RedirectStandardOutput = true })!;
        Assert.That(holder.StandardOutput.ReadLine(), Is.EqualTo("held"));

        Assert.Throws<CodatException>(() => RunFolder.Open(temp.File("run")));
        holder.Kill(); // SIGKILL
        holder.WaitForExit();

        Assert.That(() => RunFolder.Open(temp.File("run")).Dispose(), Throws.Nothing);
    }

    [Test]
    public void Open_NoRunFolder_IsRefusedAndNothingIsMade()
    {
        using var temp = new TempFolder();

        Assert.Throws<CodatException>(() => RunFolder.Open(temp.Path));

        Assert.That(Directory.GetFileSystemEntries(temp.Path), Is.Empty);
    }
}
