using Codat.Native.Cli;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Plans: what is understood, and where and how everything else is refused.</summary>
internal sealed class PlanReaderTests
{
    [TestCase("""{ "runs": [{ "label": "a" }] }""", "1:1", "lacks a key", "'name'")]
    [TestCase("""{ "name": "p" }""", "1:1", "lacks a key", "'runs'")]
    [TestCase("""{ "name": "a/b", "runs": [{ "label": "a" }] }""", "1:11 name", "part of a folder's name", "'a/b'")]
    [TestCase("{ \"name\": \"p\",\n  \"run\": 1 }", "2:10 run", "unknown key", "'run'")]
    [TestCase("{ \"name\": \"p\",\n  \"name\": \"q\" }", "2:3 name", "key given twice", "'name'")]
    [TestCase("""{ "name": "p", "runs": [] }""", "1:24 runs", "wrong type", "an empty array")]
    [TestCase("""{ "name": "p", "runs": [{}] }""", "1:25 runs[0]", "has no label", "a name")]
    [TestCase("""{ "name": "p", "runs": [7] }""", "1:25 runs[0]", "wrong type", "7")]
    [TestCase("""{ "name": "p", "runs": [{ "label": 5 }] }""", "1:36 runs[0].label", "wrong type", "text")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "etta": 1 }] }""", "1:49 runs[0].etta", "unknown setting", "'etta'")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "trainLimit": 1 }] }""", "runs[0].trainLimit", "unknown setting",
        "write train-limit")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "eta": [1] }] }""", "runs[0].eta", "wrong type", "an array")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "eta": true }] }""", "runs[0].eta", "wrong type", "true")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "nesterov": "yes" }] }""", "runs[0].nesterov", "wrong type",
        "true or false")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "seed": 3 }] }""", "runs[0].seed", "does not set the seed",
        "list seeds")]
    [TestCase("""{ "name": "p", "base": { "out": "x" }, "runs": [{ "label": "a" }] }""", "base.out",
        "does not set the folder", "--out")]
    [TestCase("""{ "name": "p", "base": { "label": "x" }, "runs": [{ "label": "a" }] }""", "base.label",
        "belongs to a run", "move it")]
    [TestCase("""{ "name": "p", "base": { "test": "clean" }, "test": "clean", "runs": [{ "label": "a" }] }""", "test",
        "given twice", "leave one")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a" }, { "label": "a" }] }""", "runs[1].label", "label given twice", "'a'")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a b" }, { "label": "a/b" }] }""", "runs[1].label",
        "meet as folder names", "a-b")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a" }, { "label": "A" }] }""", "runs[1].label", "meet as folder names", "'A'")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "sweep": {} }] }""", "runs[0].sweep", "sweep over nothing", "leave out")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "sweep": { "eta": [] } }] }""", "runs[0].sweep.eta", "wrong type",
        "an empty array")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "eta": 1, "sweep": { "eta": [1] } }] }""", "runs[0].sweep.eta",
        "both swept and set", "'eta'")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "sweep": { "seed": [1] } }] }""", "runs[0].sweep.seed[0]",
        "does not set the seed", "list seeds")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "sweep": { "eta": [1, 1] } }] }""", "runs[0].label",
        "label given twice", "a eta=1")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "init": "b" }] }""", "runs[0].init", "no earlier run", "'b'")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "init": "b" }, { "label": "b" }] }""", "runs[0].init",
        "no earlier run", "'b'")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "init": "a" }] }""", "runs[0].init", "no earlier run", "'a'")]
    [TestCase("""{ "name": "p", "seeds": [0, -1], "runs": [{ "label": "a" }] }""", "seeds[1]", "not allowed", "'-1'")]
    [TestCase("""{ "name": "p", "seeds": [0, 0], "runs": [{ "label": "a" }] }""", "seeds[1]", "seed given twice", "0")]
    [TestCase("""{ "name": "p", "baseline": "b", "runs": [{ "label": "a" }] }""", "baseline", "none of the runs", "'b'")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "baseline": "b" }] }""", "runs[0].baseline", "none of the runs", "'b'")]
    [TestCase("""{ "name": "p", "evaluate": [{}], "runs": [{ "label": "a" }] }""", "evaluate[0]", "has no name", "name")]
    [TestCase("""{ "name": "p", "evaluate": [{ "name": "n", "checkpoint": "x" }], "runs": [{ "label": "a" }] }""",
        "evaluate[0].checkpoint", "unknown key of an evaluation", "corrupt")]
    [TestCase("""{ "name": "p", "evaluate": [{ "name": "n", "corrupt": "noise:4" }], "runs": [{ "label": "a" }] }""",
        "evaluate[0].corrupt", "not allowed", "from 1 to 3")]
    [TestCase("""{ "name": "p", "evaluate": [{ "name": "n" }, { "name": "n" }], "runs": [{ "label": "a" }] }""",
        "evaluate[1].name", "have one name", "'n'")]
    [TestCase("{ \"name\": \"p\",\n\"runs\" }", "2:8", "not JSON", "one JSON object")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a" }] } 5""", "1:45", "not JSON", "5")]
    [TestCase("""{ "name": "p\ud800" }""", "1:", "not Unicode", "surrogate")]
    [TestCase("[1]", "1:1", "wrong type", "an object")]
    [TestCase("", "1:1", "not JSON", "one JSON object")]
    public void Read_NotUnderstood_NamesPlaceAndReason(string json, string where, string what, string part)
    {
        var error = Assert.Throws<CodatException>(() => PlanReader.Read(json, "plan.json"))!;

        Assert.Multiple(() =>
        {
            Assert.That(error.Where, Does.StartWith("plan.json:").And.Contain(where));
            Assert.That(error.What, Does.Contain(what));
            Assert.That(error.Message, Does.Contain(part));
            Assert.That(error.IsUsage, Is.True);
        });
    }

    [Test]
    public void Read_ColumnAfterWideCharacters_CountsCharacters()
    {
        var error = Assert.Throws<CodatException>(() => PlanReader.Read("{ \"name\": \"grün\", \"x\": 1 }", "p"))!;

        Assert.That(error.Where, Is.EqualTo("p:1:24 x"));
    }

    [Test]
    public void Read_SweepOverTwoSettings_MultipliesOutInOrder()
    {
        var plan = PlanReader.Read("""
            { "name": "p", "seeds": [3, 1], "runs": [
              { "label": "C", "objective": "codat", "sweep": { "eta": [0.1, 1.0], "weights": ["exact", "published"] } } ] }
            """, "p");

        Assert.That(plan.Methods.Select(m => m.Label), Is.EqualTo(new[]
        {
            "C eta=0.1 weights=exact", "C eta=0.1 weights=published", "C eta=1.0 weights=exact", "C eta=1.0 weights=published",
        }));
        Assert.That(plan.Methods.Select(m => m.SweptLabel), Has.All.EqualTo("C"));
        Assert.That(plan.Seeds, Is.EqualTo(new ulong[] { 3, 1 }));
    }

    [Test]
    public void Resolve_OwnSettings_WinOverBaseAndBringWhatTheyStandFor()
    {
        var plan = PlanReader.Read("""
            { "name": "p", "base": { "objective": "trades", "epochs": 3, "beta": 4 }, "seeds": [7], "test": "pgd-5",
              "runs": [ { "label": "T" }, { "label": "A", "objective": "at", "epochs": 5 } ] }
            """, "p");

        var runs = PlanResolver.Resolve(plan, "dir", null, 3, EngineBinding.ShapeOf);

        var (t, a) = (runs[0].Options, runs[1].Options);
        Assert.That((t.Loss, t.Start, t.Epochs, t.Beta), Is.EqualTo((LossKind.Trades, AttackStart.Gaussian, 3, 4.0)));
        Assert.That((a.Loss, a.Start, a.Epochs), Is.EqualTo((LossKind.Ce, AttackStart.Uniform, 5)));
        Assert.That((a.Seed, a.Threads, a.Test.ToString()), Is.EqualTo((7ul, (int?)3, "pgd-5")));
        Assert.That(a.Out, Does.EndWith(Path.Combine("runs", "A-s7")));
    }

    [Test]
    public void Resolve_Hash_IsTheSameInEveryFolderAndFollowsTheRunItStartsFrom()
    {
        const string Text = """
            { "name": "p", "base": { "lr": 0.1 }, "runs": [ { "label": "A" }, { "label": "B", "init": "A" } ] }
            """;

        var (here, there) = (Hashes(Text, "here"), Hashes(Text, "there"));

        Assert.That(there, Is.EqualTo(here));
        Assert.That(here[1], Is.Not.EqualTo(here[0]));
        Assert.That(Hashes(Text.Replace("0.1", "0.2"), "here")[1], Is.Not.EqualTo(here[1]));
        Assert.That(Hashes(Text.Replace("\"A\" }, ", "\"A\", \"beta\": 3 }, "), "here")[1], Is.Not.EqualTo(here[1]));
    }

    [Test]
    public void Resolve_SettingsThatContradict_NameThePlaceInThePlan()
    {
        var plan = PlanReader.Read("""{ "name": "p", "runs": [ { "label": "A", "val": "none", "early-stop": 3 } ] }""", "p.json");

        var error = Assert.Throws<CodatException>(() => PlanResolver.Resolve(plan, "d", null, null, EngineBinding.ShapeOf))!;

        Assert.That(error.Where, Is.EqualTo("p.json:1:71 runs[0].early-stop"));
    }

    [TestCase("""{ "name": "p", "base": { "dataset": "cifar10", "data": "no-such-folder" }, "runs": [{ "label": "a" }] }""",
        "p.json:1:37 base.dataset, ")]
    [TestCase("""{ "name": "p", "runs": [{ "label": "a", "dataset": "cifar10", "data": "no-such-folder" }] }""",
        "p.json:1:52 runs[0].dataset, ")]
    [TestCase("""
        { "name": "p", "base": { "dataset": "synthetic" }, "runs": [{ "label": "a" }], "evaluate": [{ "name": "n" },
          { "name": "far", "dataset": "stl10", "data": "no-such-folder" }] }
        """, "p.json:2:31 evaluate[1].dataset, ")]
    [TestCase("""
        { "name": "p", "base": { "dataset": "synthetic" }, "runs": [{ "label": "a" }],
          "evaluate": [{ "name": "far", "class-map": "no-such-map.json" }] }
        """, "p.json:2:46 evaluate[0].class-map")]
    public void CheckData_FilesNotThere_NameThePlaceInThePlan(string json, string where)
    {
        var plan = PlanReader.Read(json, "p.json");
        var runs = PlanResolver.Resolve(plan, "d", null, null, EngineBinding.ShapeOf);

        var error = Assert.Throws<CodatException>(() => PlanResolver.CheckData(plan, runs))!;

        Assert.That(error.Where, Does.StartWith(where));
        Assert.That(error.Message, Does.Contain("no-such-"));
    }

    [Test]
    public void ReadyPlans_AllOfThem_ParseAndResolve()
    {
        string[] expected = ["sanity", "radius", "weights", "imbalance", "batch-size", "transfer", "rivals", "capacity"];
        Assert.That(PlanFile.Ready,
            Is.EquivalentTo(expected.Concat(expected.Select(n => n + "-gpu")).Concat(["auto", "auto-cifar10"])));
        foreach (var name in PlanFile.Ready)
        {
            var plan = PlanFile.Read(name);
            Assert.That(plan.Name, Is.EqualTo(name));
            var runs = PlanResolver.Resolve(plan, "d", null, null, EngineBinding.ShapeOf);
            Assert.That(runs, Has.Count.EqualTo(plan.Methods.Count * plan.Seeds.Count));
            Assert.That(runs.Select(r => r.Folder), Is.Unique);
            Assert.That(plan.Evaluations.Select(e => e.Options.ClassMap).OfType<string>(), Has.All.Exist);
        }
    }

    [Test]
    public void Resolve_RulesForTheRadius_AreRunsBesideNumbers()
    {
        var plan = PlanReader.Read("""
            { "name": "p", "base": { "eta": "auto" }, "runs": [
              { "label": "AT", "objective": "at" }, { "label": "base", "objective": "codat", "set": { "delta": 0.5 } },
              { "label": "C", "objective": "codat", "sweep": { "eta": ["auto:noise", "auto:effective", 0.3] } } ] }
            """, "p");

        var runs = PlanResolver.Resolve(plan, "d", null, null, EngineBinding.ShapeOf);

        Assert.That(runs.Select(r => (r.Options.EtaRule, r.Options.Eta)), Is.EqualTo(new (EtaRule?, double)[]
        {
            (null, 0.3), (EtaRule.Noise, 0), (EtaRule.Noise, 0), (EtaRule.Effective, 0), (null, 0.3),
        }));
        Assert.That(runs.Select(r => r.Hash), Is.Unique);
        Assert.That(runs.Select(r => r.Folder), Is.Unique);
    }

    private static string[] Hashes(string text, string folder) =>
        [.. PlanResolver.Resolve(PlanReader.Read(text, "p"), folder, null, null, EngineBinding.ShapeOf).Select(r => r.Hash)];
}
