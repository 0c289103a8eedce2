using System.Text.Json;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class TrainConfigTests
{
    private static readonly (string Name, string Text)[] s_everything =
    [
        ("dataset", "cifar100"), ("data", "some/where"), ("model", "wrn-28-10"), ("init", "a.safetensors"),
        ("objective", "trades"), ("loss", "clean"), ("class-weights", "balanced"), ("beta", "5.5"), ("eta", "0.7"),
        ("weights", "published"), ("risk", "ema:0.95"), ("missing", "ema"), ("variance", "debiased"),
        ("prior", "frequency"), ("norm", "l2"), ("eps", "128/255"), ("step", "0.1"), ("steps", "7"),
        ("start", "zero"), ("attack-bn", "batch"), ("epochs", "33"), ("batch", "96"), ("lr", "0.025"),
        ("momentum", "0.8"), ("nesterov", "true"), ("weight-decay", "2E-4"), ("schedule", "piecewise:10,20"),
        ("augment", "crop4"), ("label-smoothing", "0.1"), ("ema", "0.995"), ("average-gate", "0.2"), ("awp", "0.01"), ("val", "500"), ("val-attack", "pgd-5x2"),
        ("early-stop", "4"), ("test", "clean,pgd-20@0.05"), ("max-steps", "1000"), ("train-limit", "9000"),
        ("val-limit", "400"), ("test-limit", "300"), ("log-steps", "true"), ("precision", "fp32"),
        ("determinism", "strict"), ("save-every", "30s"), ("keep", "3=0.2,5=0.5"), ("tensorboard", "true"),
        ("seed", "9223372036854775807"), ("device", "cpu"), ("threads", "3"),
    ];

    private static TrainOptions Everything()
    {
        SettingLayer layer = SettingLayer.Empty;
        foreach ((string name, string text) in s_everything) layer.Add(name, text);
        return TrainResolver.Resolve(layer, SettingLayer.Empty);
    }

    [Test]
    public void WriteRead_Defaults_RoundTrips()
    {
        TrainOptions options = TrainOptions.Preset();

        Assert.That(TrainConfig.Read(TrainConfig.Write(options), "config.json"), Is.EqualTo(options));
    }

    [Test]
    public void WriteRead_EverySettingChanged_RoundTrips()
    {
        TrainOptions options = Everything();

        TrainOptions read = TrainConfig.Read(TrainConfig.Write(options), "config.json");

        Assert.That(read, Is.EqualTo(options));
    }

    [Test]
    public void Everything_DiffersFromThePresetInEverySetting()
    {
        // Guards the round trip above: a setting left at its default would round-trip even if it were never written.
        string[] sameOnPurpose = ["precision", "imbalance", "set", "swa"];
        using JsonDocument preset = JsonDocument.Parse(TrainConfig.Write(TrainOptions.Preset()));
        using JsonDocument changed = JsonDocument.Parse(TrainConfig.Write(Everything()));

        foreach (JsonProperty property in preset.RootElement.EnumerateObject())
        {
            if (sameOnPurpose.Contains(property.Name)) continue;
            Assert.That(changed.RootElement.GetProperty(property.Name).GetRawText(),
                Is.Not.EqualTo(property.Value.GetRawText()), property.Name);
        }
    }

    [Test]
    public void Write_Keys_AreTheOptionNames()
    {
        using JsonDocument json = JsonDocument.Parse(TrainConfig.Write(TrainOptions.Preset()));

        string[] keys = [.. json.RootElement.EnumerateObject().Select(p => p.Name)];

        Assert.That(keys, Is.EquivalentTo(s_everything.Select(s => s.Name).Append("imbalance").Append("set").Append("swa")));
    }

    [TestCase("""{ "epoch": 3 }""", "config.json: epoch")]
    [TestCase("""{ "trainLimit": 3 }""", "config.json: trainLimit")]
    [TestCase("""{ "epochs": 3, "epochs": 4 }""", "config.json: epochs")]
    [TestCase("""{ "epochs": true }""", "config.json: epochs")]
    [TestCase("""{ "epochs": [3] }""", "config.json: epochs")]
    [TestCase("""{ "epochs": {} }""", "config.json: epochs")]
    [TestCase("""{ "epochs": 3.5 }""", "config.json: epochs")]
    [TestCase("""{ "nesterov": 1 }""", "config.json: nesterov")]
    [TestCase("""{ "dataset": false }""", "config.json: dataset")]
    [TestCase("""{ "eps": 8 }""", "config.json: eps")]
    [TestCase("""{ "lr": -0.1 }""", "config.json: lr")]
    [TestCase("""{ "resume": "runs/x" }""", "config.json: resume")]
    [TestCase("""[1]""", "config.json")]
    [TestCase("""{ "epochs": 3""", "config.json")]
    [TestCase("", "config.json")]
    public void Read_BadConfig_NamesKeyAndPlace(string json, string where)
    {
        CodatException error = Assert.Throws<CodatException>(() => TrainConfig.Read(json, "config.json"))!;

        Assert.That(error.Where, Is.EqualTo(where));
    }

    [Test]
    public void Read_KeyInAnotherStyle_SuggestsTheName()
    {
        CodatException error =
            Assert.Throws<CodatException>(() => TrainConfig.Read("""{ "train_limit": 3 }""", "c"))!;

        Assert.That(error.Fix, Is.EqualTo("write train-limit"));
    }

    [TestCase("""{ "epochs": "3" }""")]
    [TestCase("""{ "epochs": 3, "init": null }""")]
    [TestCase("""{ "epochs": 3, "nesterov": "false", "val": "10%", "out": "elsewhere" }""")]
    public void Read_StringsNumbersAndNulls_AreAccepted(string json)
        => Assert.That(TrainConfig.Read(json, "c").Epochs, Is.EqualTo(3));

    [Test]
    public void Hash_OfTheDefaults_StaysTheSame()
    {
        // Computed outside: SHA-256 of the compact JSON with sorted keys (see the next test for what goes in).
        const string Expected = "22f5148cf073288ce0adca7e378cdd098781b658ee3e4d1b0583da5c03ec9f03";

        Assert.That(TrainConfig.Hash(TrainOptions.Preset()), Is.EqualTo(Expected));
    }

    [Test]
    public void Hash_OfEveryPublishedRun_StaysTheSame()
    {
        var tuned = 0;
        foreach (var file in Directory.GetFiles(Path.Combine(Checkout.Root, "docs", "results"), "*.jsonl"))
        {
            JsonNode[] runs = [.. File.ReadAllLines(file).Select(line => JsonNode.Parse(line)!)];
            foreach (var run in runs)
            {
                TrainOptions options = TrainConfig.Read(run["settings"]!.ToJsonString(), "settings");
                if (options.Init is { } label)
                {
                    // What stands for the file is the run it comes from.
                    var source = runs.Single(r => r["label"]!.ToString() == label && r["seed"]!.ToString() == run["seed"]!.ToString());
                    options = options with { Init = "last of " + source["configHash"] };
                    tuned++;
                }
                Assert.That(TrainConfig.Hash(options), Is.EqualTo(run["configHash"]!.ToString()), Path.GetFileName(file));
            }
            Assert.That(runs, Is.Not.Empty, file);
        }
        Assert.That(tuned, Is.Positive);
    }

    [TestCase("auto", "auto:noise")]
    [TestCase("auto:noise", "auto:noise")]
    [TestCase("auto:effective", "auto:effective")]
    [TestCase("auto:validation", "auto:validation")]
    public void WriteRead_RuleForTheRadius_RoundTrips(string text, string written)
    {
        TrainOptions options = TrainResolver.Resolve(SettingLayer.Empty.Add("eta", text), SettingLayer.Empty);
        string json = TrainConfig.Write(options);

        Assert.That(json, Does.Contain($"\"eta\": \"{written}\""));
        Assert.That(TrainConfig.Read(json, "config.json"), Is.EqualTo(options));
        Assert.That(TrainConfig.Hash(options), Is.Not.EqualTo(TrainConfig.Hash(TrainOptions.Preset())));
        Assert.DoesNotThrow(options.Validate);
    }

    [TestCase("device", "cpu")]
    [TestCase("threads", "1")]
    [TestCase("data", "elsewhere")]
    [TestCase("save-every", "off")]
    [TestCase("out", "elsewhere")]
    public void Hash_WhereARunIsComputed_DoesNotMatter(string name, string text)
    {
        TrainOptions options = TrainResolver.Resolve(SettingLayer.Empty.Add(name, text), SettingLayer.Empty);

        Assert.That(TrainConfig.Hash(options), Is.EqualTo(TrainConfig.Hash(TrainOptions.Preset())));
    }

    [Test]
    public void Hash_EverySettingOfTheResult_Matters()
    {
        string reference = TrainConfig.Hash(TrainOptions.Preset());
        string[] free = ["data", "device", "threads", "save-every", "dataset", "precision"];

        foreach ((string name, string text) in s_everything)
        {
            if (free.Contains(name)) continue;
            SettingLayer layer = SettingLayer.Empty.Add(name, text);
            if (name is "eps" or "step") layer.Add("norm", "l2");
            string hash = TrainConfig.Hash(TrainResolver.Resolve(layer, SettingLayer.Empty));
            Assert.That(hash, Is.Not.EqualTo(reference), name);
        }
    }
}
