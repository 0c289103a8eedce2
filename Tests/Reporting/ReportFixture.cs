using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A temporary folder for runs and their pages.</summary>
internal abstract class ReportFixture
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void CreateFolder() => Folder = Directory.CreateTempSubdirectory("codat-report-").FullName;

    [TearDown]
    public void RemoveFolder()
    {
        // Whoever wants to look at the pages names a folder for them.
        if (Environment.GetEnvironmentVariable("CODAT_KEEP_REPORTS") is { Length: > 0 } keep)
        {
            foreach (var page in Directory.GetFiles(Folder, "*.html", SearchOption.AllDirectories))
                File.Copy(page, Path.Combine(keep, TestContext.CurrentContext.Test.MethodName + ".html"),
                    overwrite: true);
        }
        Directory.Delete(Folder, recursive: true);
    }

    protected string Fake(string name, FakeRun run)
    {
        var folder = Path.Combine(Folder, name);
        run.WriteTo(folder);
        return folder;
    }

    protected static HtmlPage WriteFor(string run)
    {
        ReportWriter.WriteFor(run);
        return HtmlPage.Read(File.ReadAllText(Path.Combine(run, "report.html")));
    }
}
