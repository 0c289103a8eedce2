using System.Text.Json;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Commands on a small checkpoint: what they print and write, against computations of their own.</summary>
internal sealed class EngineTests : IDisposable
{
    private const string Eps = "0.06", Step = "0.02";

    private readonly TempFolder _folder = new();
    private string _run = "", _checkpoint = "", _data = "";
    private MemoryDataset _test = null!; // set before the first test

    [OneTimeSetUp]
    public void Train()
    {
        var images = SmallData.Images(seed: 5, train: 160, test: 37);
        _test = SyntheticDataset.Create(images, DatasetSplit.Test);
        _data = SmallData.Npz(_folder, "data", images);
        _run = _folder.File("run");
        Trainer.Run(TinyRun.Options(_run, "dataset=npz", $"data={_data}", "model=small-cnn", "batch=32", "train-limit=128", "val=32",
            "val-limit=30", "test-limit=37", $"eps={Eps}", $"step={Step}", "steps=1", "epochs=4", "lr=0.1", "test=clean,pgd-3x2,cw-2"));
        _checkpoint = Path.Combine(_run, "best.safetensors");
        Npy.Write<byte>(_folder.File("bytes.npy"), SmallData.Pixels(_test), _test.Count, 16, 16, 3);
        Npy.Write<float>(_folder.File("planes.npy"), Planes(Floats()), _test.Count, 3, 16, 16);
        Npy.Write<long>(_folder.File("labels.npy"), Array.ConvertAll(SmallData.Labels(_test), l => (long)l), _test.Count);
        Npy.Write<int>(_folder.File("labels32.npy"), SmallData.Labels(_test), _test.Count);
    }

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Predict_BytesAndPlanes_GiveTheNetworksLogits([Values(1, 16, 200)] int batch)
    {
        var (one, two) = (_folder.File("one.npy"), _folder.File("two.npy"));

        var first = Run("predict", "--checkpoint", _checkpoint, "--input", _folder.File("bytes.npy"), "--out", one, "--batch", $"{batch}");
        var second = Run("predict", "--checkpoint", _checkpoint, "--input", _folder.File("planes.npy"), "--out", two,
            "--labels", _folder.File("labels.npy"));

        Assert.That(File.ReadAllBytes(two), Is.EqualTo(File.ReadAllBytes(one)));
        Assert.That(Keys(first), Is.EqualTo(new[] { "n", "classes", "out" }));
        Assert.That(first.GetProperty("n").GetInt32(), Is.EqualTo(_test.Count));
        Assert.That(first.GetProperty("classes").GetInt32(), Is.EqualTo(4));
        Assert.That(first.GetProperty("out").GetString(), Is.EqualTo(one));
        var logits = Npy.Read(one);
        Assert.That(logits.Shape.ToArray(), Is.EqualTo(new[] { _test.Count, 4 }));
        var expected = Logits(_checkpoint, Floats());
        Assert.That(logits.Values<float>().ToArray(), Is.EqualTo(expected).Within(2e-5));
        var right = expected.Chunk(4).Select((row, i) => Array.IndexOf(row, row.Max()) == _test.Label(i) ? 1.0 : 0).Average();
        Assert.That(second.GetProperty("accuracy").GetDouble(), Is.EqualTo(right).Within(1e-12));
    }

    [TestCase("linf", "0.06", "0.02", 3)]
    [TestCase("l2", "0.5", "0.2", 3)]
    [TestCase("linf", "0.06", "0.06", 1)]
    public void Attack_StaysInTheBallAndReportsWhatItDid(string norm, string eps, string step, int steps)
    {
        var (output, report) = (_folder.File("attacked.npy"), _folder.File("rows.csv"));

        var json = Attack(output, norm, eps, step, steps, "--labels", _folder.File("labels32.npy"), "--report", report);

        var attacked = Npy.Read(output);
        Assert.That(attacked.Shape.ToArray(), Is.EqualTo(new[] { _test.Count, 3, 16, 16 }));
        var (x, clean) = (attacked.Values<float>().ToArray(), Planes(Floats()));
        Assert.That(x, Has.All.InRange(0f, 1f));
        var norms = Enumerable.Range(0, _test.Count).Select(n => Distance(norm, x.AsSpan(n * 768, 768), clean.AsSpan(n * 768, 768))).ToArray();
        Assert.That(norms, Has.All.LessThanOrEqualTo(double.Parse(eps, System.Globalization.CultureInfo.InvariantCulture) * (1 + 1e-5)));
        Assert.That(json.GetProperty("maxNorm").GetDouble(), Is.EqualTo(norms.Max()).Within(1e-9));

        var (before, after) = (Right(clean), Right(x));
        Assert.That(json.GetProperty("n").GetInt32(), Is.EqualTo(_test.Count));
        Assert.That(json.GetProperty("cleanCorrect").GetInt32(), Is.EqualTo(before.Count(r => r)));
        Assert.That(json.GetProperty("robustCorrect").GetInt32(), Is.EqualTo(before.Zip(after, (b, a) => b && a).Count(r => r)));

        var rows = File.ReadAllLines(report);
        Assert.That(rows[0], Is.EqualTo("id,class,clean,first_success,loss,norm"));
        Assert.That(rows, Has.Length.EqualTo(_test.Count + 1));
        var losses = Losses(x);
        for (var i = 0; i < _test.Count; i++)
        {
            var row = rows[i + 1].Split(',');
            var first = int.Parse(row[3], System.Globalization.CultureInfo.InvariantCulture);
            Assert.That((row[0], row[1], row[2]), Is.EqualTo(($"{i}", $"{_test.Label(i)}", before[i] ? "1" : "0")));
            if (!before[i]) Assert.That(first, Is.Zero);
            else if (!after[i]) Assert.That(first, Is.InRange(1, steps));
            Assert.That(double.Parse(row[4], System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(losses[i]).Within(1e-4));
            Assert.That(double.Parse(row[5], System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(norms[i]).Within(1e-9));
        }
    }

    [Test]
    public void Attack_OneStepFromAFile_IsOneStepOfTheDefinition()
    {
        var random = new Random(3);
        var starts = Floats().Select(v => Math.Clamp(v + 0.04f * (2 * random.NextSingle() - 1), 0f, 1f)).ToArray();
        Npy.Write<float>(_folder.File("starts.npy"), Planes(starts), _test.Count, 3, 16, 16);
        var output = _folder.File("one-step.npy");

        Attack(output, "linf", Eps, Step, 1, "--labels", _folder.File("labels.npy"), "--start", _folder.File("starts.npy"));

        var found = Npy.Read(output).Values<float>().ToArray();
        var (gradient, clean) = (Planes(Gradient(starts)), Planes(Floats()));
        var from = Planes(starts);
        var differing = 0;
        for (var i = 0; i < found.Length; i++)
        {
            var moved = Math.Clamp(from[i] + 0.02f * Math.Sign(gradient[i]), clean[i] - 0.06f, clean[i] + 0.06f);
            if (Math.Abs(Math.Clamp(moved, 0f, 1f) - found[i]) > 1e-6f) differing++;
        }
        // A sign may differ where the gradient is zero within rounding.
        Assert.That(differing, Is.LessThan(found.Length / 1000));
    }

    [Test]
    public void Attack_SameSeedAnyBatch_GivesTheSameImages()
    {
        var (a, b) = (_folder.File("a.npy"), _folder.File("b.npy"));

        Attack(a, "linf", Eps, Step, 2, "--labels", _folder.File("labels.npy"), "--batch", "5");
        Attack(b, "linf", Eps, Step, 2, "--labels", _folder.File("labels.npy"), "--batch", "64");

        Assert.That(File.ReadAllBytes(b), Is.EqualTo(File.ReadAllBytes(a)));
    }

    [Test]
    public void Eval_ThreatModelAndSettings_AreTheCheckpoints()
    {
        var json = Run("eval", "--checkpoint", _checkpoint, "--attack", "clean,pgd-3x2,cw-2", "--limit", "37");

        Assert.That(Keys(json), Is.EqualTo(new[] { "checkpoint", "dataset", "split", "n", "imagesHash", "evidence", "norm", "eps", "epsText", "seed", "attacks", "verdict", "checks", "seconds" }));
        Assert.That(json.GetProperty("eps").GetDouble(), Is.EqualTo(0.06));
        Assert.That(json.GetProperty("epsText").GetString(), Is.EqualTo(Eps));
        Assert.That(json.GetProperty("norm").GetString(), Is.EqualTo("linf"));
        var attacks = json.GetProperty("attacks").EnumerateArray().ToArray();
        Assert.That(attacks.Select(a => a.GetProperty("name").GetString()), Is.EqualTo(new[] { "clean", "pgd-3x2", "cw-2", "worst-of-all" }));
        Assert.That(attacks[0].GetProperty("step").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(attacks[1].GetProperty("step").GetDouble(), Is.EqualTo(0.02));
        Assert.That(attacks[1].GetProperty("restarts").GetInt32(), Is.EqualTo(2));
        var row = attacks[1].GetProperty("perClass").EnumerateArray().ToArray();
        Assert.That(Keys(row[0]), Is.EqualTo(new[] { "class", "name", "n", "correct", "accuracy", "low", "high", "risk" }));
        Assert.That(row.Select(r => r.GetProperty("n").GetInt32()),
            Is.EqualTo(Enumerable.Range(0, 4).Select(k => SmallData.Labels(_test).Count(l => l == k))));
        var accuracies = row.Select(r => r.GetProperty("accuracy").GetDouble()).ToArray();
        Assert.That(attacks[1].GetProperty("worst").GetDouble(), Is.EqualTo(accuracies.Min()));
        Assert.That(attacks[1].GetProperty("worstClass").GetInt32(), Is.EqualTo(Array.IndexOf(accuracies, accuracies.Min())));
        Assert.That(attacks[1].GetProperty("macro").GetDouble(), Is.EqualTo(accuracies.Average()).Within(1e-12));
        Assert.That(attacks[1].GetProperty("spread").GetDouble(), Is.EqualTo(accuracies.Max() - accuracies.Min()).Within(1e-12));
        // The run's own final test had the same attacks, images and seed.
        var final = JsonDocument.Parse(TinyRun.Final(_run)["test"]!.ToJsonString()).RootElement.GetProperty("attacks");
        Assert.That(json.GetProperty("attacks").GetRawText(), Is.EqualTo(final.GetRawText()));
    }

    [Test]
    public void Eval_SplitVal_IsTheRunsOwnAndGivesItsNumbersAgain()
    {
        var json = Run("eval", "--checkpoint", _checkpoint, "--split", "val", "--attack", "clean,pgd-2");

        var validation = TinyRun.Final(_run)["validation"]!["attacks"]!;
        var attacks = json.GetProperty("attacks").EnumerateArray().ToArray();
        Assert.That(json.GetProperty("n").GetInt32(), Is.EqualTo(30));
        for (var i = 0; i < 2; i++)
            Assert.That(attacks[i].GetProperty("average").GetDouble(), Is.EqualTo(validation[i]!["average"]!.GetValue<double>()));
    }

    [Test]
    public void Eval_OtherNorm_TakesThePresetOfThatNorm()
    {
        var json = Run("eval", "--checkpoint", _checkpoint, "--attack", "pgd-1", "--norm", "l2", "--limit", "4");

        Assert.That(json.GetProperty("eps").GetDouble(), Is.EqualTo(0.5));
        Assert.That(json.GetProperty("attacks")[0].GetProperty("step").GetDouble(), Is.EqualTo(0.125));
    }

    [Test]
    public void Eval_OfAnExportedFile_RebuildsTheRunsValidationSplit()
    {
        var exported = _folder.File("exported.safetensors");
        Run("export", "--checkpoint", _checkpoint, "--out", exported);

        var json = Run("eval", "--checkpoint", exported, "--data", _data, "--split", "val", "--attack", "clean,pgd-2");

        var own = Run("eval", "--checkpoint", _checkpoint, "--split", "val", "--attack", "clean,pgd-2");
        Assert.That(json.GetProperty("attacks").GetRawText(), Is.EqualTo(own.GetProperty("attacks").GetRawText()));
        Assert.That(File.ReadAllText(exported, System.Text.Encoding.Latin1), Does.Not.Contain(_folder.Path), "folders stay at home");
    }

    [Test]
    public void Eval_OfAForeignFile_RefusesItsValidationSplit()
    {
        var (exported, foreign) = (_folder.File("to-strip.safetensors"), _folder.File("foreign.safetensors"));
        Run("export", "--checkpoint", _checkpoint, "--out", exported);
        using (var device = Device.Cpu())
        {
            var loaded = WeightFile.Load(exported, device);
            using (loaded.Network) WeightFile.Save(loaded.Network, foreign, loaded.ClassNames);
        }

        var run = CliRun.Invoke("eval", "--checkpoint", foreign, "--dataset", "npz", "--data", _data, "--split", "val", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Json.GetProperty("error").GetProperty("what").GetString(), Does.Contain("foreign"));
        Assert.That(Run("eval", "--checkpoint", foreign, "--dataset", "npz", "--data", _data, "--attack", "clean").GetProperty("n").GetInt32(),
            Is.EqualTo(_test.Count));
    }

    [Test]
    public void ExportAndImport_KeepTheNetwork()
    {
        var (exported, bare, stamped) = (_folder.File("e.safetensors"), _folder.File("bare.safetensors"), _folder.File("stamped.safetensors"));
        Run("export", "--checkpoint", _checkpoint, "--out", exported);
        using (var file = SafeTensorsFile.Open(exported))
        {
            var writer = new SafeTensorsWriter();
            foreach (var entry in file.Tensors) writer.Add(entry.Name, [.. entry.Shape], file.Read<float>(entry.Name));
            writer.Save(bare);
        }

        var json = Run("import", bare, "--model", "small-cnn", "--classes", "4", "--mean", "0.5,0.4,0.3", "--std", "0.2,0.3,0.4", "--out", stamped);

        Assert.That(json.GetProperty("model").GetString(), Is.EqualTo("small-cnn"));
        Assert.That(json.GetProperty("parameters").GetInt64(), Is.EqualTo(448 + 4640 + 18496 + 260));
        var spec = WeightFile.ReadSpec(stamped);
        Assert.That(spec.Mean, Is.EqualTo(new[] { 0.5f, 0.4f, 0.3f }));
        Assert.That(Logits(exported, Floats()), Is.EqualTo(Logits(_checkpoint, Floats())));
    }

    [Test]
    public void Weights_KnownRisks_AreTheKnownWeights()
    {
        // Mean 0.5, variance 0.08/3: with eta 0.03 and nothing at zero, p = (1 + sqrt(eta/v) (h - m)) / 3.
        var json = Run("weights", "--risks", "0.3,0.5,0.7", "--eta", "0.03");

        var factor = Math.Sqrt(0.03 / (0.08 / 3));
        double[] expected = [(1 - 0.2 * factor) / 3, 1.0 / 3, (1 + 0.2 * factor) / 3];
        Assert.That(Keys(json), Is.EqualTo(new[] { "eta", "mean", "variance", "exact", "published" }));
        Assert.That(json.GetProperty("mean").GetDouble(), Is.EqualTo(0.5).Within(1e-15));
        Assert.That(json.GetProperty("variance").GetDouble(), Is.EqualTo(0.08 / 3).Within(1e-15));
        var exact = json.GetProperty("exact");
        Assert.That(exact.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble()), Is.EqualTo(expected).Within(1e-14));
        Assert.That(exact.GetProperty("objective").GetDouble(), Is.EqualTo(0.5 + Math.Sqrt(0.03 * 0.08 / 3)).Within(1e-14));
        Assert.That(exact.GetProperty("radius").GetDouble(), Is.EqualTo(0.03).Within(1e-14));
        Assert.That(exact.GetProperty("active").GetInt32(), Is.EqualTo(3));
        Assert.That(json.GetProperty("published").GetProperty("negative").GetInt32(), Is.Zero);
    }

    [Test]
    public void Weights_BeyondThePointMass_IsTheWorstClass()
    {
        var json = Run("weights", "--risks", "0.3,0.5,0.7", "--eta", "5");

        Assert.That(json.GetProperty("exact").GetProperty("weights").EnumerateArray().Select(w => w.GetDouble()), Is.EqualTo(new[] { 0.0, 0, 1 }));
        Assert.That(json.GetProperty("published").GetProperty("negative").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public void Profile_AsJson_HasTheKeysOfTheContract()
    {
        var json = Run("profile", "--model", "mlp", "--batch", "8", "--steps", "2", "--rounds", "3", "--objective", "trades");

        Assert.That(Keys(json), Is.EqualTo(new[]
        {
            "model", "batch", "objective", "steps", "device", "precision", "determinism", "threads", "secondsPerStep", "imagesPerSecond", "phases", "layers",
            "peakBytes", "managedBytesPerStep", "kernels", "launches", "graphNodes",
        }));
        var seconds = json.GetProperty("secondsPerStep");
        Assert.That(Keys(json.GetProperty("phases")), Is.EqualTo(new[] { "prepare", "attack", "update" }));
        Assert.That(seconds.GetProperty("min").GetDouble(), Is.LessThanOrEqualTo(seconds.GetProperty("median").GetDouble()));
        Assert.That(json.GetProperty("imagesPerSecond").GetDouble(), Is.EqualTo(8 / seconds.GetProperty("median").GetDouble()).Within(1e-6));
        Assert.That(json.GetProperty("layers").GetArrayLength(), Is.Positive);
    }

    [Test]
    public void DataAndReportAndInfo_AsJson_AreObjects()
    {
        var list = Run("data", "list").GetProperty("datasets").EnumerateArray().ToDictionary(d => d.GetProperty("name").GetString()!);
        var verified = Run("data", "verify", "fashion-mnist-mini").GetProperty("datasets").EnumerateArray().ToArray();
        var report = Run("report", _run).GetProperty("report").GetString()!;
        var info = Run("info");

        Assert.That(list["fashion-mnist-mini"].GetProperty("status").GetString(), Is.EqualTo("found"));
        Assert.That(list["cifar10"].GetProperty("name").GetString(), Is.EqualTo("cifar10"));
        Assert.That(verified, Is.Not.Empty);
        Assert.That(verified.Select(v => v.GetProperty("status").GetString()), Has.All.EqualTo("good"));
        Assert.That(File.ReadAllText(report), Does.Contain("<svg"));
        Assert.That(info.ValueKind, Is.EqualTo(JsonValueKind.Object));
    }

    private JsonElement Attack(string output, string norm, string eps, string step, int steps, params string[] more) => Run(
        ["attack", "--checkpoint", _checkpoint, "--input", _folder.File("bytes.npy"), "--out", output, "--norm", norm, "--eps", eps,
            "--step", step, "--steps", $"{steps}", .. more]);

    private static JsonElement Run(params string[] arguments)
    {
        var run = CliRun.Invoke([.. arguments, "--json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output.TrimEnd('\n'), Does.Not.Contain('\n'));
        return run.Json;
    }

    private static string[] Keys(JsonElement json) => [.. json.EnumerateObject().Select(p => p.Name)];

    private float[] Floats() => Array.ConvertAll(SmallData.Pixels(_test), b => b / 255f);

    /// <summary>(N,H,W,C) to (N,C,H,W).</summary>
    private static float[] Planes(float[] images)
    {
        var planes = new float[images.Length];
        for (var i = 0; i < images.Length; i++)
        {
            var (n, p, c) = (i / 768, i % 768 / 3, i % 3);
            planes[n * 768 + c * 256 + p] = images[i];
        }
        return planes;
    }

    private static float[] FromPlanes(float[] planes)
    {
        var images = new float[planes.Length];
        for (var i = 0; i < images.Length; i++) images[i] = planes[i / 768 * 768 + i % 3 * 256 + i % 768 / 3];
        return images;
    }

    private static double Distance(string norm, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (most, square) = (0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            var d = Math.Abs((double)a[i] - b[i]);
            (most, square) = (Math.Max(most, d), square + d * d);
        }
        return norm == "linf" ? most : Math.Sqrt(square);
    }

    private bool[] Right(float[] planes) =>
        [.. Logits(_checkpoint, FromPlanes(planes)).Chunk(4).Select((row, i) => Array.IndexOf(row, row.Max()) == _test.Label(i))];

    private double[] Losses(float[] planes) => [.. Logits(_checkpoint, FromPlanes(planes)).Chunk(4)
        .Select((row, i) => AttackReference.CrossEntropy(Array.ConvertAll(row, v => (double)v), _test.Label(i)))];

    /// <summary>Logits in double, of a graph without folding, packing and fusing.</summary>
    private float[] Logits(string checkpoint, float[] images) => WithNetwork(checkpoint, images, (graph, network, x, _) =>
        network.Forward(new ForwardContext(graph, ForwardMode.Eval), x));

    private float[] Gradient(float[] images) => WithNetwork(_checkpoint, images, (graph, network, x, labels) =>
        graph.Gradients(graph.SumAll(graph.SoftmaxCrossEntropy(network.Forward(new ForwardContext(graph, ForwardMode.Eval), x), labels)), x)[0]);

    private float[] WithNetwork(string checkpoint, float[] images, Func<GraphBuilder, Network, Node, Node, Node> record)
    {
        using var runner = new GraphRunner(DType.Float64);
        using var network = WeightFile.Load(checkpoint, runner.Device, type: DType.Float64).Network;
        var x = runner.Put(new Shape(images.Length / 768, 16, 16, 3), Array.ConvertAll(images, v => (double)v));
        var labels = runner.PutIntegers(SmallData.Labels(_test));
        var plain = new PlanOptions { Reuse = false, FoldBatchNorm = false, FuseEpilogues = false, PackWeights = false, Hoist = false };
        return Array.ConvertAll(runner.Run(graph => [record(graph, network, graph.Bind(x), graph.Bind(labels))], plain)[0], v => (float)v);
    }
}
