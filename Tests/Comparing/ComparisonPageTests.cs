using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What the page of a comparison draws, against the numbers it is drawn from.</summary>
internal sealed class ComparisonPageTests
{
    [Test]
    public void Plane_Line_JoinsTheMethodsThatNoneBeatsInBoth()
    {
        // Average and worst class: of the others c is beaten by b, e by d, and f is as fair as b and worse on average.
        (string Label, double Average, double Worst)[] methods =
        [
            ("d", 0.60, 0.20), ("a", 0.40, 0.30), ("c", 0.54, 0.24), ("b", 0.55, 0.25), ("e", 0.58, 0.19),
            ("f", 0.50, 0.25),
        ];
        string list = string.Join(',', methods.Select(m => $$"""{ "label": "{{m.Label}}" }"""));
        ComparePlan plan = PlanReader.Read($$"""{ "name": "p", "runs": [{{list}}] }""", "p");
        var runs = methods.Select(m => ComparedRuns.Of(m.Label, 0.1) with
        {
            Attacks = [ComparedRuns.Of(m.Label, 0.1).Attacks[0], Row(m.Average, m.Worst)],
        });
        var comparison = Comparison.Of(plan, [.. runs], [.. plan.Methods.Select(_ => new JsonObject())]);

        var plane = Section(ComparisonPage.Render(comparison, "none"), "plane");

        var drawing = Drawing(plane);
        var points = drawing.Descendants("circle").ToDictionary(c => Tip(c)[..1], c =>
            (Number(c, "cx"), Number(c, "cy")));
        var line = drawing.Descendants("path").Single(p => (string?)p.Attribute("class") == "front")
            .Attribute("d")!.Value;
        var corners = Regex.Matches(line, @"[ML]([\d.]+) ([\d.]+)").Select(m =>
            (Parse(m.Groups[1].Value), Parse(m.Groups[2].Value)));
        Assert.That(points, Has.Count.EqualTo(6));
        Assert.That(corners, Is.EqualTo(new[] { points["a"], points["b"], points["d"] }), "from left to right");
        Assert.That(plane, Does.Contain("better in both than a, b and d."));
    }

    [Test]
    public void Weights_MapsOverTime_AreTheWeightsOfEveryEpochOfTheFirstSeed()
    {
        using var folder = new TempFolder();
        TinyPlan.Run(TinyPlan.Write(folder, """
            { "label": "AT", "objective": "at" },
            { "label": "C", "objective": "codat", "sweep": { "eta": [0.1, 0.5] } }
            """, seeds: "3, 4"), folder.File("d"));

        var section = Section(File.ReadAllText(folder.File("d/report.html")), "weights");

        var maps = section.Split("<div><h3>")[1..];
        Assert.That(maps.Select(m => m[..m.IndexOf('<', StringComparison.Ordinal)]),
            Is.EqualTo(new[] { "B  C eta=0.1, seed 3", "C  C eta=0.5, seed 3" }), "at weighs no classes");
        foreach (var (map, run) in maps.Zip(new[] { "C-eta=0.1-s3", "C-eta=0.5-s3" }))
        {
            var expected = TinyRun.Metrics(folder.File($"d/runs/{run}")).SelectMany(epoch =>
                epoch["weight"]!.AsArray().Select(w => 10 * w!["mean"]!.GetValue<double>()).Select((w, k) =>
                    $"stripes-{k}, epoch {epoch["epoch"]}: {Times(w)} its even share"));
            var cells = Drawing(map).Descendants("rect").Where(r => (string?)r.Attribute("class") == "cell")
                .ToArray();
            Assert.That(cells, Has.Length.EqualTo(2 * 10));
            Assert.That(cells.Select(Tip), Is.EquivalentTo(expected));
            // What rounds to 1.00 may lie on either side.
            foreach (var cell in cells.Where(c => !Tip(c).Contains(": 1.00", StringComparison.Ordinal)))
                Assert.That((string?)cell.Parent!.Attribute("class"),
                    Is.EqualTo(Tip(cell).Contains(": 0.", StringComparison.Ordinal) ? "tone-down" : "tone-up"));
        }
    }

    private static AttackView Row(double average, double worst) => new()
    {
        Name = "pgd-2", Average = average, Worst = worst, Spread = 0.1,
        PerClass = [new ClassResultView(0, "class 0", 100, 100 * worst, worst, double.NaN, double.NaN, double.NaN)],
    };

    // A narrow space keeps number and sign together.
    private static string Times(double value) => Math.Round(value, 2, MidpointRounding.AwayFromZero)
        .ToString("F2", CultureInfo.InvariantCulture) + "\u202F×";

    private static string Section(string page, string id)
    {
        var start = page.IndexOf($"<section id=\"{id}\"", StringComparison.Ordinal);
        return page[start..page.IndexOf("</section>", start, StringComparison.Ordinal)];
    }

    /// <summary>The first drawing of a part of the page, its names without their namespace.</summary>
    private static XElement Drawing(string markup)
    {
        var start = markup.IndexOf("<svg", StringComparison.Ordinal);
        var end = markup.IndexOf("</svg>", start, StringComparison.Ordinal) + "</svg>".Length;
        var drawing = XElement.Parse(markup[start..end]);
        foreach (var element in drawing.DescendantsAndSelf()) element.Name = element.Name.LocalName;
        return drawing;
    }

    private static string Tip(XElement element) => element.Element("title")!.Value;

    private static double Number(XElement element, string name) => Parse(element.Attribute(name)!.Value);

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
