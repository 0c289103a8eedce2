using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ReportWriterTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("codat-report-").FullName;

    [TearDown]
    public void RemoveFolder()
    {
        // A person who wants to look at the pages keeps them.
        if (Environment.GetEnvironmentVariable("CODAT_KEEP_REPORTS") is { Length: > 0 } keep)
        {
            foreach (var page in Directory.GetFiles(_folder, "*.html", SearchOption.AllDirectories))
                File.Copy(page, Path.Combine(keep, TestContext.CurrentContext.Test.MethodName + ".html"),
                    overwrite: true);
        }
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void WriteFor_CompleteRun_HasEverySection()
    {
        var run = Fake("run", new FakeRun(1));

        ReportWriter.WriteFor(run);

        var page = File.ReadAllText(Path.Combine(run, "report.html"));
        foreach (var id in new[] { "curves", "classes", "weights", "flow", "examples", "evaluation", "time",
            "settings", "manifest" })
            Assert.That(page, Does.Contain("<section id=\"" + id + "\""), id);
        Assert.That(page, Does.Not.Contain("class=\"missing\""));
    }

    [Test]
    public void Write_ThreeRuns_ComparesThem()
    {
        var codat = Fake("codat", new FakeRun(1) { Levelling = 0.3 });
        var wide = Fake("wide", new FakeRun(2) { Eta = 0.8, Levelling = 0.4 });
        var at = Fake("at", new FakeRun(3) { Objective = "at", Levelling = 0 });
        var page = Path.Combine(_folder, "compare.html");

        ReportWriter.Write([at, codat, wide], page, at);

        Assert.That(File.ReadAllText(page), Does.Contain("3 runs"));
    }

    private string Fake(string name, FakeRun run)
    {
        var folder = Path.Combine(_folder, name);
        run.WriteTo(folder);
        return folder;
    }
}
