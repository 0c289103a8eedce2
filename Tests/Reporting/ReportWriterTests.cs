using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ReportWriterTests : ReportFixture
{
    private static readonly string[] s_sections =
        ["curves", "classes", "weights", "flow", "examples", "evaluation", "time", "settings", "manifest"];

    [Test]
    public void WriteFor_CompleteRun_HasEverySectionAndNothingMissing()
    {
        var run = Fake("run", new FakeRun(1));

        var page = WriteFor(run);

        Assert.That(page.Values("id"), Is.SupersetOf(s_sections));
        Assert.That(page.Values("class"), Has.None.EqualTo("missing"));
        Assert.That(page.Tags.Count(tag => tag.Name == "img"), Is.EqualTo(36),
            "clean, attacked and change of 12 images");
    }

    [Test]
    public void WriteFor_Twice_ReplacesThePageAndLeavesNothingElse()
    {
        var run = Fake("run", new FakeRun(1));
        var before = Directory.GetFiles(run);

        WriteFor(run);
        WriteFor(run);

        Assert.That(Directory.GetFiles(run), Is.EquivalentTo(before.Append(Path.Combine(run, "report.html"))));
    }

    [Test]
    public void WriteFor_CompleteRun_ShowsTheNumbersOfTheStrongestAttack()
    {
        var fake = new FakeRun(1);
        var run = Fake("run", fake);

        var page = WriteFor(run);

        var worst = Enumerable.Range(0, fake.Count).MinBy(fake.Robust);
        var share = Math.Round(fake.Robust(worst) * FakeRun.PerClass) / FakeRun.PerClass;
        var (low, high) = FakeRun.Wilson((int)Math.Round(share * FakeRun.PerClass), FakeRun.PerClass);
        var text = string.Concat(page.Texts);
        Assert.That(text, Does.Contain(Percent(share)));
        Assert.That(text, Does.Contain(Percent(low) + "–" + Percent(high)));
        Assert.That(text, Does.Contain(fake.Names[worst] + " under pgd-100"));
    }

    [Test]
    public void WriteFor_CompleteRun_LoadsNothingFromAnywhere()
    {
        var run = Fake("run", new FakeRun(1));

        var page = WriteFor(run);

        Assert.That(page.Values("src"), Is.Not.Empty.And.All.StartsWith("data:image/png;base64,"));
        Assert.That(page.Values("href"), Is.Not.Empty.And.All.StartsWith("#"));
        Assert.That(page.Tags.Select(tag => tag.Name),
            Has.None.AnyOf("link", "iframe", "object", "embed", "base", "form"));
        Assert.That(page.Raw["style"], Does.Not.Contain("url(").And.Not.Contain("@import"));
        Assert.That(File.ReadAllText(Path.Combine(run, "report.html")),
            Does.Not.Contain("http:").And.Not.Contain("https:"));
    }

    [Test]
    public void WriteFor_CompleteRun_AllowsExactlyItsOwnStyleAndScript()
    {
        var run = Fake("run", new FakeRun(1));

        var page = WriteFor(run);

        var policy = WebUtility.HtmlDecode(page.Tags.Single(tag => tag.Attributes.ContainsKey("http-equiv"))
            .Attributes["content"]);
        Assert.That(policy, Does.StartWith("default-src 'none'"));
        Assert.That(policy, Does.Contain("style-src '" + Hash(page.Raw["style"]) + "'"));
        Assert.That(policy, Does.Contain("script-src '" + Hash(page.Raw["script"]) + "'"));
        Assert.That(page.Values("style"), Is.Empty, "an inline style would be blocked");
        Assert.That(page.Tags.SelectMany(tag => tag.Attributes.Keys), Has.None.StartsWith("on"));
    }

    [Test]
    public void WriteFor_EveryFigureAndImage_IsDescribed()
    {
        var run = Fake("run", new FakeRun(1));

        var page = WriteFor(run);

        foreach (var (name, attributes) in page.Tags.Where(tag => tag.Name is "svg" or "img"))
            Assert.That(attributes.GetValueOrDefault(name == "svg" ? "aria-label" : "alt"), Is.Not.Null.And.Not.Empty);
        Assert.That(page.Values("id"), Is.Unique);
        var anchors = page.Values("href").Select(href => href[1..]);
        Assert.That(page.Values("id"), Is.SupersetOf(anchors));
    }

    [Test]
    public void WriteFor_HostileNames_AreShownAsText()
    {
        const string Hostile = "</title><script>alert(\"1\")</script><img src=x onerror='alert(2)'>&amp;\u0001\u202E";
        var names = Enumerable.Range(0, 10).Select(k => Hostile + k).ToArray();
        var run = Fake("run", new FakeRun(1) { Names = names, Objective = Hostile, Dataset = Hostile });

        var page = WriteFor(run);

        Assert.That(page.Tags.Count(tag => tag.Name == "script"), Is.EqualTo(1));
        Assert.That(page.Values("onerror"), Is.Empty);
        Assert.That(page.Texts, Has.Some.Contains(
            "&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x "
            + "onerror=&#39;alert(2)&#39;&gt;&amp;amp;\uFFFD\uFFFD"));
    }

    [TestCase("config.json", "settings")]
    [TestCase("manifest.json", "manifest")]
    [TestCase("metrics.jsonl", "curves")]
    [TestCase("metrics.jsonl", "weights")]
    [TestCase("metrics.jsonl", "time")]
    [TestCase("final.json", "evaluation")]
    [TestCase("final.json", "flow")]
    [TestCase("examples.json", "examples")]
    public void WriteFor_FileMissing_SaysSoInItsSection(string file, string section)
    {
        var run = Fake("run", new FakeRun(1));
        File.Delete(Path.Combine(run, file));

        var page = WriteFor(run);

        var text = File.ReadAllText(Path.Combine(run, "report.html"));
        var start = text.IndexOf("<section id=\"" + section + "\"", StringComparison.Ordinal);
        var body = text[start..text.IndexOf("</section>", start, StringComparison.Ordinal)];
        Assert.That(body, Does.Contain("class=\"missing\"").And.Contain(file));
        Assert.That(page.Values("id"), Is.SupersetOf(s_sections));
    }

    [TestCase("config.json")]
    [TestCase("manifest.json")]
    [TestCase("metrics.jsonl")]
    [TestCase("classes.csv")]
    [TestCase("final.json")]
    [TestCase("examples.json")]
    public void WriteFor_OnlyOneFileThere_StillWritesThePage(string file)
    {
        var run = Fake("run", new FakeRun(1));
        foreach (var other in Directory.GetFiles(run))
            if (Path.GetFileName(other) != file)
                File.Delete(other);

        var page = WriteFor(run);

        Assert.That(page.Values("id"), Is.SupersetOf(s_sections));
    }

    [Test]
    public void WriteFor_NoNumbersYet_DrawsNoBrokenFigure()
    {
        var run = Path.Combine(Folder, "run");
        Directory.CreateDirectory(run);
        File.WriteAllText(Path.Combine(run, "metrics.jsonl"), """
            {"epoch":1,"loss":null,"clean":{"average":null,"worst":null,"perClass":[null,0.5]},"robust":null,"weight":[],"risk":[]}
            {"epoch":2,"loss":0,"weight":{"mean":[0.5,0.5],"std":[0,0]},"risk":{"mean":[0,null],"std":[]},"negativeShare":0}
            """);
        File.WriteAllText(Path.Combine(run, "final.json"), """
            {"test":{"split":"test","n":0,"attacks":[{"name":"clean","average":null,"perClass":[]},
            {"name":"pgd-1","average":0,"perClass":[{"class":0,"n":0,"accuracy":null},{"class":1,"n":2,"correct":0}],"flow":[[0,0],[2,0]]}]}}
            """);

        var page = WriteFor(run);

        foreach (var (_, attributes) in page.Tags.Where(tag =>
            tag.Name is "path" or "line" or "rect" or "circle" or "text"))
            Assert.That(attributes.Values, Has.None.Contains("NaN").And.None.Contains("∞")
                .And.None.Contains("Infinity"));
    }

    [Test]
    public void WriteFor_HundredClasses_StaysReadable()
    {
        var names = Enumerable.Range(0, 100).Select(k => "class number " + k.ToString(CultureInfo.InvariantCulture))
            .ToArray();
        var run = Fake("run", new FakeRun(1) { Names = names });

        var page = WriteFor(run);

        Assert.That(string.Concat(page.Texts), Does.Contain("first 14 and last 6 of 100 classes"));
    }

    [Test]
    public void WriteFor_TwoHundredEpochs_NamesRoundOnesOnly()
    {
        var run = Fake("run", new FakeRun(1) { Epochs = 200 });

        var page = WriteFor(run);

        var weights = File.ReadAllText(Path.Combine(run, "report.html")).Split("<section ")[3];
        Assert.That(weights, Does.StartWith("id=\"weights\"").And.Contain(">180</text>")
            .And.Not.Contain(">181</text>"));
        Assert.That(page.Tags.Count(tag => tag.Name == "circle"), Is.LessThan(100), "no marker for every epoch");
    }

    [Test]
    public void WriteFor_OtherCulture_WritesTheSamePage()
    {
        var run = Fake("run", new FakeRun(1));
        WriteFor(run);
        var expected = File.ReadAllText(Path.Combine(run, "report.html"));
        var before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        odd.NumberFormat.NumberDecimalSeparator = ",";
        odd.NumberFormat.NegativeSign = "neg";
        odd.NumberFormat.NumberGroupSeparator = "'";
        try
        {
            CultureInfo.CurrentCulture = odd;

            WriteFor(run);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.That(File.ReadAllText(Path.Combine(run, "report.html")), Is.EqualTo(expected));
    }

    [Test]
    public void Write_ThreeRuns_ComparesThemAndKeepsEveryReport()
    {
        var at = new FakeRun(3) { Objective = "at", Levelling = 0 };
        var codat = new FakeRun(1) { Levelling = 0.3 };
        string[] runs = [Fake("at", at), Fake("codat", codat),
            Fake("wide", new FakeRun(2) { Eta = 0.8, Levelling = 0.4 })];
        var output = Path.Combine(Folder, "compare.html");

        ReportWriter.Write(runs, output, baseline: runs[0]);

        var page = HtmlPage.Read(File.ReadAllText(output));
        var text = string.Concat(page.Texts);
        Assert.That(page.Values("id"), Is.Unique);
        foreach (var letter in new[] { "a", "b", "c" })
            Assert.That(page.Values("id"), Is.SupersetOf(
                s_sections.Select(section => "run-" + letter + "-" + section)));
        Assert.That(text, Does.Contain("CODAT, η 0.3").And.Contain("CODAT, η 0.8"));
        Assert.That(text, Does.Contain("A  AT").And.Not.Contain("A  AT,"),
            "the radius says nothing about a run without class weights");
        Assert.That(text, Does.Contain(Rho(codat, at).ToString("F3", CultureInfo.InvariantCulture)));
    }

    [Test]
    public void Write_TwoEqualRuns_TellsThemApartByFolder()
    {
        string[] runs = [Fake("first", new FakeRun(1)), Fake("second", new FakeRun(2))];

        ReportWriter.Write(runs, Folder);

        var text = string.Concat(HtmlPage.Read(File.ReadAllText(Path.Combine(Folder, "report.html"))).Texts);
        Assert.That(text, Does.Contain("first").And.Contain("second").And.Contain("do not differ"));
    }

    [Test]
    public void Write_RunsWithNothingInCommon_StillCompares()
    {
        var full = Fake("full", new FakeRun(1));
        var empty = Path.Combine(Folder, "empty");
        Directory.CreateDirectory(empty);
        File.WriteAllText(Path.Combine(empty, "config.json"), "{}");
        var output = Path.Combine(Folder, "compare.html");

        ReportWriter.Write([empty, full], output, baseline: empty);

        Assert.That(HtmlPage.Read(File.ReadAllText(output)).Values("id"), Does.Contain("run-b-curves"));
    }

    private static double Rho(FakeRun run, FakeRun baseline)
    {
        static double Accuracy(FakeRun fake, int k) => Math.Round(fake.Robust(k) * FakeRun.PerClass) / FakeRun.PerClass;
        static double Worst(FakeRun fake) => Enumerable.Range(0, fake.Count).Min(k => Accuracy(fake, k));
        static double Average(FakeRun fake) => Enumerable.Range(0, fake.Count).Average(k => Accuracy(fake, k));
        return (Worst(run) - Worst(baseline)) / Worst(baseline) - (Average(baseline) - Average(run)) / Average(
            baseline);
    }

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Hash(string text) => "sha256-"
        + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
