using System.Text.Json;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The options of <c>codat eval</c> that keep evidence, decide a statement or measure against a baseline.</summary>
internal sealed class EvalOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private string _run = "", _checkpoint = ""; // set before the first test

    [OneTimeSetUp]
    public void Train()
    {
        var data = SmallData.Npz(_folder, "data", SmallData.Images(seed: 5, train: 160, test: 37));
        _run = _folder.File("run");
        Trainer.Run(TinyRun.Options(_run, "dataset=npz", $"data={data}", "model=small-cnn", "batch=32", "train-limit=128", "val=32",
            "val-limit=30", "test-limit=37", "eps=0.02", "step=0.01", "steps=1", "epochs=12", "lr=0.05", "test=clean,pgd-3"));
        _checkpoint = Path.Combine(_run, "best.safetensors");
    }

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Evidence_AgreesWithTheRowsAndLeavesNoStateBehind()
    {
        var path = _folder.Write("rows.csv", "what was there before");

        var json = Json("--attack", "clean,pgd-3,cw-2", "--evidence", path);

        var evidence = EvidenceFile.Read(path);
        foreach (var attack in json.GetProperty("attacks").EnumerateArray())
        {
            var right = evidence.Column(attack.GetProperty("name").GetString()!)!.Value.ToArray();
            foreach (var row in attack.GetProperty("perClass").EnumerateArray())
            {
                var own = right.Where((r, i) => r && evidence.Classes[i] == row.GetProperty("class").GetInt32());
                Assert.That(row.GetProperty("correct").GetInt32(), Is.EqualTo(own.Count()));
            }
        }
        Assert.That(Directory.Exists(path + ".state"), Is.False);
    }

    [Test]
    public void Evidence_IntoAFolderThatIsNotThere_IsOneClearLine()
    {
        var run = CliRun.Invoke("eval", "--checkpoint", _checkpoint, "--attack", "clean", "--quiet", "--evidence",
            _folder.Write("a-file", "") + "/rows.csv");

        Assert.That(run.ExitCode, Is.EqualTo(2), run.Error);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.Contain("rows.csv.state"));
    }

    [Test]
    public void UntilDecided_AddsTheDecisionAndTheBounds()
    {
        var json = Json("--attack", "clean,pgd-3", "--until-decided", "class:1 >= 1.0");

        Assert.That(json.GetProperty("decided").GetBoolean(), Is.False);
        var (lower, upper) = (Numbers(json, "lower"), Numbers(json, "upper"));
        Assert.That(lower, Has.Length.EqualTo(4));
        Assert.That(upper[1], Is.LessThan(1));
        for (var k = 0; k < 4; k++) Assert.That(lower[k], Is.LessThanOrEqualTo(upper[k]));
        var text = CliRun.Invoke("eval", "--checkpoint", _checkpoint, "--attack", "clean,pgd-3", "--until-decided", "class:1 >= 1.0");
        Assert.That(text.ExitCode, Is.Zero);
        Assert.That(text.Output, Does.Contain("class:1 >= 1.0: does not hold"));
    }

    [Test]
    public void Baseline_FromBothKindsOfFile_ComparesRowsOfOneName()
    {
        var own = Json("--attack", "clean,pgd-3").GetRawText();
        var final = File.ReadAllText(Path.Combine(_run, "final.json"));
        foreach (var text in new[] { own, final })
        {
            // The average stays, so all that is left of rho is the worst class.
            var file = _folder.Write("half.json", System.Text.RegularExpressions.Regex.Replace(text, "\"worst\": ?[0-9.E-]+", "\"worst\": 0.5"));

            var rows = Json("--attack", "clean,pgd-3,cw-2", "--baseline", file).GetProperty("attacks").EnumerateArray().ToArray();

            for (var i = 0; i < 2; i++)
            {
                var expected = (rows[i].GetProperty("worst").GetDouble() - 0.5) / 0.5;
                Assert.That(rows[i].GetProperty("rho").GetDouble(), Is.EqualTo(expected).Within(1e-12));
                Assert.That(rows[i].GetProperty("elasticity").ValueKind, Is.EqualTo(JsonValueKind.Null), "the average has not moved");
            }
            Assert.That(rows[2].GetProperty("rho").ValueKind, Is.EqualTo(JsonValueKind.Null), "the baseline has no cw-2");
        }
    }

    [Test]
    public void Baseline_OfAnotherModel_HasTheMeasuresOfItsRows()
    {
        var rows = Json("--attack", "clean,pgd-3").GetProperty("attacks")[1];
        var (worst, average) = (rows.GetProperty("worst").GetDouble(), rows.GetProperty("average").GetDouble());
        var baseline = _folder.Write("other.json", FormattableString.Invariant(
            $"{{\"norm\":\"linf\",\"eps\":0.02,\"attacks\":[{{\"name\":\"pgd-3\",\"worst\":{worst + 0.25:R},\"average\":{average / 2:R}}}]}}"));

        var row = Json("--attack", "clean,pgd-3", "--baseline", baseline).GetProperty("attacks")[1];

        var expected = AgainstBaseline.Of(worst, average, worst + 0.25, average / 2);
        Assert.That(row.GetProperty("rho").GetDouble(), Is.EqualTo(expected.Rho).Within(1e-12));
        Assert.That(row.GetProperty("elasticity").GetDouble(), Is.EqualTo(expected.Elasticity).Within(1e-12));
    }

    [TestCase("{\"norm\":\"l2\",\"eps\":0.02,\"attacks\":[{\"name\":\"clean\"}]}", "another threat model")]
    [TestCase("{\"norm\":\"linf\",\"eps\":0.05,\"attacks\":[{\"name\":\"clean\"}]}", "another threat model")]
    [TestCase("{\"norm\":\"linf\",\"eps\":0.02,\"attacks\":[{\"name\":\"pgd-7\"}]}", "none of these attacks")]
    [TestCase("{\"validation\":{}}", "nothing about the test split")]
    [TestCase("[1]", "baseline cannot be read")]
    [TestCase("{", "baseline cannot be read")]
    public void Baseline_ThatCannotBeComparedWith_IsOneClearLine(string text, string reason)
    {
        var run = CliRun.Invoke("eval", "--checkpoint", _checkpoint, "--attack", "clean", "--quiet", "--baseline", _folder.Write("bad.json", text));

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.Contain(reason));
    }

    [Test]
    public void TelemetryAndChecks_AreThereUnlessSwitchedOff()
    {
        var with = Json("--attack", "clean,pgd-3");
        var without = Json("--attack", "clean,pgd-3", "--telemetry", "false", "--checks", "false");

        var (clean, pgd) = (with.GetProperty("attacks")[0], with.GetProperty("attacks")[1]);
        Assert.That(clean.TryGetProperty("telemetry", out _), Is.False, "clean images are not attacked");
        Assert.That(pgd.GetProperty("telemetry")[0].GetProperty("steps").GetArrayLength(), Is.EqualTo(4));
        Assert.That(pgd.GetProperty("telemetry")[0].GetProperty("all").GetProperty("lossGain").GetArrayLength(), Is.EqualTo(4));
        Assert.That(pgd.GetProperty("telemetry")[0].GetProperty("perClass").GetArrayLength(), Is.EqualTo(pgd.GetProperty("perClass").GetArrayLength()));
        Assert.That(pgd.GetProperty("change").GetProperty("most").GetDouble(), Is.InRange(0.015, 0.0200001));
        Assert.That(with.GetProperty("verdict").GetString(), Is.EqualTo("sound"));
        Assert.That(with.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("name").GetString()), Does.Contain("zero-gradients"));
        Assert.That(without.TryGetProperty("checks", out _), Is.False);
        Assert.That(without.GetProperty("attacks")[1].TryGetProperty("telemetry", out _), Is.False);
        Assert.That(without.GetProperty("attacks")[1].GetProperty("average").GetDouble(), Is.EqualTo(pgd.GetProperty("average").GetDouble()));
    }

    [Test]
    public void Checks_NeitherTrueNorFalse_IsOneClearLine()
    {
        var run = CliRun.Invoke("eval", "--checkpoint", _checkpoint, "--quiet", "--checks", "maybe");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.Contain("--checks").And.Contain("true or false"));
    }

    [Test]
    public void Surrogate_AddsTheAttackAndItsCheck()
    {
        var evidence = _folder.File("transfer.csv");

        var json = Json("--attack", "clean,pgd-10", "--surrogate", Path.Combine(_run, "last.safetensors"), "--evidence", evidence);

        var rows = json.GetProperty("attacks").EnumerateArray().Select(a => a.GetProperty("name").GetString()).ToArray();
        Assert.That(rows, Is.EqualTo(new[] { "clean", "pgd-10", "transfer", "worst-of-all" }));
        Assert.That(json.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("name").GetString()), Does.Contain("transfer"));
        Assert.That(EvidenceFile.Read(evidence).Column("transfer"), Is.Not.Null);
    }

    [Test]
    public void Surrogate_OfOtherImages_IsOneClearLine()
    {
        using var device = Autograd.Device.Cpu();
        using var network = Layers.Network.Create(new Layers.NetworkSpec("mlp", 8, 8, 1, 3), device, seed: 0);
        var path = _folder.File("other.safetensors");
        Layers.WeightFile.Save(network, path);

        var run = CliRun.Invoke("eval", "--checkpoint", _checkpoint, "--attack", "clean", "--quiet", "--surrogate", path);

        Assert.That(run.ExitCode, Is.EqualTo(2), run.Error);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.Contain("other.safetensors").And.Contain("8x8x1 images, 3 classes"));
    }

    private JsonElement Json(params string[] arguments)
    {
        var run = CliRun.Invoke(["eval", "--checkpoint", _checkpoint, "--json", "--quiet", .. arguments]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.Json;
    }

    private static double[] Numbers(JsonElement json, string key) =>
        [.. json.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];
}
