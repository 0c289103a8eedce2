using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ReportErrorTests : ReportFixture
{
    [TestCase("metrics.jsonl", "{\"epoch\":1}\n{\"epoch\":2}\n{\"epoch\":3,", "line 3")]
    [TestCase("metrics.jsonl", "{\"epoch\":1}\n\n{\"epoch\":2,\"loss\":\"low\"}", "line 3: loss")]
    [TestCase("metrics.jsonl", "{\"loss\":1}", "line 1")]
    [TestCase("metrics.jsonl", "[1]", "line 1")]
    [TestCase("metrics.jsonl", "{\"epoch\":1,\"clean\":{\"perClass\":[1,\"x\"]}}", "line 1: clean.perClass[1]")]
    [TestCase("config.json", "{\n\"eta\": 0.3,\n\"eta\" 1}", "line 3")]
    [TestCase("config.json", "{\"eta\":0.3,\"eta\":0.5}", "config.json")]
    [TestCase("config.json", "{\"name\":\"\\ud800\"}", "config.json: name")]
    [TestCase("final.json", "{\"test\":{\"attacks\":[{\"name\":\"pgd\",\"average\":true}]}}",
        "test.attacks[0].average")]
    [TestCase("final.json", "{\"test\":{\"attacks\":[{\"name\":\"pgd\",\"flow\":[[1,2],[3]]}]}}",
        "test.attacks[0].flow[1]")]
    [TestCase("final.json", "{\"test\":{\"attacks\":[{\"name\":\"pgd\",\"flow\":[[1,-2],[3,4]]}]}}",
        "test.attacks[0].flow[0]")]
    [TestCase("final.json", "{\"test\":{\"attacks\":[{\"name\":\"pgd\",\"telemetry\":[{\"steps\":[0,1],\"all\":{\"lossGain\":[0]}}]}]}}",
        "test.attacks[0].telemetry[0].all")]
    [TestCase("final.json", "{\"test\":{\"attacks\":[{\"name\":\"pgd\",\"telemetry\":[{\"steps\":[0,1]}]}]}}", "test.attacks[0].telemetry[0]")]
    [TestCase("classes.csv", "epoch,class,name,n\n1,0,a,5\n1,1,b\n", "line 3")]
    [TestCase("classes.csv", "epoch,class,name,n\n1,0,a,many\n", "line 2")]
    [TestCase("classes.csv", "epoch,class,name,n\n1,0,\"a,5\n", "line 2")]
    [TestCase("examples.json", "{\"height\":1,\"width\":1,\"channels\":2,\"items\":[]}", "examples.json")]
    [TestCase("examples.json",
        "{\"height\":1,\"width\":1,\"channels\":1,\"items\":[{\"class\":0,\"clean\":\"AA==\",\"attacked\":\"AA==\"}]}",
        "items[0].attacked")]
    [TestCase("examples.json", "{\"height\":1,\"width\":1,\"channels\":1,\"items\":[{\"class\":0,\"clean\":\"?\"}]}",
        "items[0].clean")]
    public void WriteFor_MalformedFile_NamesItAndLeavesTheOldPage(string file, string content, string where)
    {
        var run = Fake("run", new FakeRun(1));
        File.WriteAllText(Path.Combine(run, "report.html"), "old");
        File.WriteAllText(Path.Combine(run, file), content);
        var files = Directory.GetFiles(run);

        var error = Assert.Throws<CodatException>(() => ReportWriter.WriteFor(run));

        Assert.That(error?.Where, Does.Contain(file).And.Contain(where));
        Assert.That(File.ReadAllText(Path.Combine(run, "report.html")), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(run), Is.EquivalentTo(files));
    }

    [Test]
    public void WriteFor_BytesThatAreNoText_NamesTheFile()
    {
        var run = Fake("run", new FakeRun(1));
        File.WriteAllBytes(Path.Combine(run, "config.json"), [(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}']);

        var error = Assert.Throws<CodatException>(() => ReportWriter.WriteFor(run));

        Assert.That(error?.Where, Does.Contain("config.json"));
    }

    [Test]
    public void Write_NoRuns_IsUsageError() =>
        Assert.That(() => ReportWriter.Write([], Folder), Throws.TypeOf<CodatException>());

    [Test]
    public void Write_FolderWithoutRun_IsUsageError()
    {
        Assert.That(() => ReportWriter.WriteFor(Folder),
            Throws.TypeOf<CodatException>().With.Property("IsUsage").True);
        Assert.That(() => ReportWriter.WriteFor(Path.Combine(Folder, "none")), Throws.TypeOf<CodatException>());
        Assert.That(Directory.GetFileSystemEntries(Folder), Is.Empty);
    }

    [Test]
    public void Write_BaselineNotAmongRuns_IsUsageError()
    {
        var run = Fake("run", new FakeRun(1));

        Assert.That(() => ReportWriter.Write([run], Folder, baseline: "other"), Throws.TypeOf<CodatException>());
    }
}
