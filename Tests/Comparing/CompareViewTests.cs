using System.Text.RegularExpressions;
using Codat.Native.Cli;
using Codat.Native.Robust;
using NUnit.Framework;
using Spectre.Console;

namespace Codat.Native.Tests;

/// <summary>What a person sees while a comparison goes on.</summary>
internal sealed class CompareViewTests
{
    [TestCase(140, 30)]
    [TestCase(80, 24)]
    [TestCase(60, 12)]
    public void Terminal_ManyRuns_KeepsTheOneUnderWayInsideTheScreen(int width, int height)
    {
        using var writer = new StringWriter();
        IAnsiConsole console = TerminalConsole.Create(writer);
        (console.Profile.Width, console.Profile.Height) = (width, height);
        var view = new TerminalCompareView(console, TimeProvider.System, CancellationToken.None);

        view.Run(() => Play(view, Runs(40), at: 31));

        string screen = writer.ToString();
        string last = Regex.Replace(screen[screen.LastIndexOf("1/40", StringComparison.Ordinal)..], "\u001b\\[[0-9;?]*[A-Za-z]", "");
        string[] lines = last.Split('\n');
        Assert.That(last, Does.Contain("run31").And.Contain("epoch 1/4"));
        Assert.That(lines, Has.Length.LessThanOrEqualTo(height));
        Assert.That(lines.Max(line => line.TrimEnd().Length), Is.LessThanOrEqualTo(width));
        Assert.That(screen, Does.EndWith("\u001b[?25h"));
    }

    [Test]
    public void Plain_Events_AreALineEachWithoutCodes()
    {
        using var writer = new StringWriter();
        var view = new PlainCompareView(writer, TimeProvider.System);

        Play(view, Runs(2), at: 1);
        view.Failed(Runs(2)[1], "out of memory");

        Assert.That(writer.ToString(), Does.Contain("done: run0, seed 0: pgd-2 average 50.0 worst 25.0")
            .And.Contain("run 2/2: run1, seed 0").And.Contain("failed: run1, seed 0: out of memory").And.Not.Contain("\u001b"));
    }

    private static bool Play(ICompareView view, IReadOnlyList<PlannedRun> runs, int at)
    {
        view.Planned(runs);
        view.Done(runs[0], Result(runs[0]), before: false);
        ITrainingObserver observer = view.Started(runs[at]);
        using var owned = observer as IDisposable;
        observer.Started(new TrainingStart
        {
            Run = "dir", Dataset = "synthetic", Model = "mlp", Objective = "at", Device = "cpu", ClassNames = ["a"],
            Epochs = 4, StepsPerEpoch = 10, TotalSteps = 40,
        });
        observer.Stepped(new TrainingStep(1, 5, 2.3, 0.1));
        view.Progressed("test pgd-2", 10, 10);
        observer.Stepped(new TrainingStep(1, 6, 2.3, 0.1));
        view.Done(runs[0], Result(runs[0]), before: false);
        return true;
    }

    private static IReadOnlyList<PlannedRun> Runs(int count)
    {
        string list = string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{ "label": "run{{i}}" }"""));
        ComparePlan plan = PlanReader.Read($$"""{ "name": "p", "runs": [{{list}}] }""", "p");
        return PlanResolver.Resolve(plan, "d", null, null, EngineBinding.ShapeOf);
    }

    private static ComparedRun Result(PlannedRun run) => new()
    {
        Label = run.Label, Seed = 0, Run = "", Stopped = "done", ImagesPerSecond = 1, Weights = [], Risks = [], Optimal = [],
        OptimalRisks = [],
        Attacks = [new AttackView { Name = "pgd-2", Average = 0.5, Worst = 0.25, PerClass = [] }],
    };
}
