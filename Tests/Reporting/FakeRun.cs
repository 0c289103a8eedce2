using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A run folder as a run would leave it, with plausible numbers drawn from a seed.</summary>
internal sealed class FakeRun
{
    public const int PerClass = 1000;
    private const double Eps = 0.1;

    // Robust accuracies and main confusions of a small network on Fashion-MNIST at eps 0.1.
    private static readonly double[] s_robust = [.612, .903, .498, .701, .447, .782, .236, .811, .846, .838];
    private static readonly double[] s_clean = [.806, .962, .767, .857, .748, .918, .551, .922, .951, .944];
    private static readonly int[][] s_thieves =
        [[6, 3, 2], [3, 0, 6], [4, 6, 0], [1, 4, 0], [2, 6, 3], [7, 9, 8], [0, 2, 4], [5, 9, 8], [6, 5, 0], [7, 5, 8]];

    private readonly Random _random;

    public FakeRun(int seed) => _random = new Random(seed);

    public string[] Names { get; init; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    public int Epochs { get; init; } = 8;

    public string Objective { get; init; } = "codat";

    public string Dataset { get; init; } = "fashion-mnist";

    public double Eta { get; init; } = 0.3;

    /// <summary>Share of the distance to the average by which every class is moved towards it.</summary>
    public double Levelling { get; init; } = 0.25;

    public int Count => Names.Length;

    /// <summary>Writes every file of the folder.</summary>
    public void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config().ToJsonString());
        File.WriteAllText(Path.Combine(folder, "manifest.json"), Manifest().ToJsonString());
        var classes = new StringBuilder("epoch,class,name,n,clean,robust,low,high,risk,weight\n");
        var metrics = new StringBuilder();
        for (var epoch = 1; epoch <= Epochs; epoch++) metrics.Append(Epoch(epoch, classes).ToJsonString()).Append('\n');
        File.WriteAllText(Path.Combine(folder, "metrics.jsonl"), metrics.ToString());
        File.WriteAllText(Path.Combine(folder, "classes.csv"), classes.ToString());
        File.WriteAllText(Path.Combine(folder, "final.json"), Final().ToJsonString());
        File.WriteAllText(Path.Combine(folder, "examples.json"), Examples().ToJsonString());
    }

    public double Robust(int k) => Level(s_robust, k, Objective == "codat" ? -0.008 : 0.0);

    public double Clean(int k) => Level(s_clean, k, Objective == "codat" ? -0.012 : 0.0);

    private double Level(double[] values, int k, double cost)
    {
        var value = values[k % values.Length];
        var mean = values.Average();
        return Math.Clamp(value + Levelling * (mean - value) * (value < mean ? 1 : 0.35) + cost, 0.02, 0.99);
    }

    private JsonObject Config() => new()
    {
        ["dataset"] = Dataset, ["model"] = "small-cnn", ["objective"] = Objective, ["loss"] = "ce",
        ["class-weights"] = Objective == "codat" ? "codat" : "none", ["eta"] = Eta, ["weights"] = "exact",
            ["risk"] = "batch",
        ["missing"] = "renormalise", ["variance"] = "plain", ["prior"] = "uniform", ["norm"] = "linf",
            ["eps"] = "0.1", ["step"] = "0.02",
        ["steps"] = 10, ["start"] = "uniform", ["attack-bn"] = "eval", ["epochs"] = Epochs, ["batch"] = 128,
            ["lr"] = 0.1, ["momentum"] = 0.9,
        ["nesterov"] = false, ["weight-decay"] = 5e-4, ["schedule"] = "onecycle", ["augment"] = "none",
            ["val"] = "10%", ["val-attack"] = "pgd-10",
        ["test"] = "clean,pgd-20,pgd-100", ["precision"] = "fp32", ["determinism"] = "reproducible",
            ["device"] = "cpu", ["threads"] = 2, ["seed"] = 0,
    };

    private static JsonObject Manifest() => new()
    {
        ["versions"] = new JsonObject { ["codat"] = "0.1.0", ["runtime"] = ".NET 10.0.12", ["os"] = "Linux x64" },
        ["device"] = new JsonObject { ["name"] = "CPU, 2 threads", ["vector"] = "AVX-512" },
        ["hashes"] = new JsonObject
        {
            ["config"] = "sha256:5f1d0c86b2f0a9a5d0c14a0a6bce0d8d31bb3c5a5a1f7f2f1c54d6ad0f3c9e11",
            ["train"] = "sha256:a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ["best"] = "sha256:91c5a58b70ef4c1e6bd7a3d2c7e98a34a44a1b5e1d4b44cc1f6f87e25f3f7d02",
        },
        ["splits"] = new JsonArray(
            new JsonObject { ["split"] = "train", ["images"] = 54000, ["read"] = "2026-03-01T09:00:01Z" },
            new JsonObject { ["split"] = "validation", ["images"] = 6000, ["read"] = "2026-03-01T09:00:01Z" },
            new JsonObject { ["split"] = "test", ["images"] = 10000, ["read"] = "2026-03-01T09:11:40Z" }),
        ["seed"] = 0,
    };

    private JsonObject Epoch(int epoch, StringBuilder classes)
    {
        var progress = 1 - Math.Exp(-epoch * 3.6 / Epochs);
        double[] robust = new double[Count], clean = new double[Count], risk = new double[Count];
        for (var k = 0; k < Count; k++)
        {
            robust[k] = Math.Clamp(Robust(k) * progress + Noise(0.012), 0, 1);
            clean[k] = Math.Clamp(Clean(k) * (0.35 + 0.65 * progress) + Noise(0.008), 0, 1);
            risk[k] = 0.12 - Math.Log(Math.Max(0.02, robust[k])) * 1.05;
        }
        var weights = Weights(risk);
        for (var k = 0; k < Count; k++)
        {
            var (low, high) = (Math.Max(0, robust[k] - 0.04), Math.Min(1, robust[k] + 0.04));
            classes.Append(CultureInfo.InvariantCulture,
                $"{epoch},{k},{Quote(Names[k])},600,{clean[k]:R},{robust[k]:R},");
            classes.Append(CultureInfo.InvariantCulture, $"{low:R},{high:R},{risk[k]:R},{weights[k]:R}\n");
        }
        var codat = Objective == "codat";
        return new JsonObject
        {
            ["epoch"] = epoch, ["step"] = epoch * 422, ["lr"] = 0.1 * (1 - epoch / (Epochs + 1.0)), ["loss"] = 0.62
                + 1.7 * (1 - progress) + Noise(0.02),
            ["clean"] = Rate(clean), ["robust"] = Rate(robust),
            ["risk"] = codat ? Mean(risk, 0.14) : new JsonArray(), ["weight"] = codat ? Mean(weights, 0.03)
                : new JsonArray(),
            ["variance"] = 0.2 + Noise(0.02), ["etaEff"] = codat ? Eta * (0.985 - 0.02 * (1 - progress)) : null,
            ["negativeShare"] = codat ? 0.18 + 0.22 * progress + Noise(0.01) : null, ["objectiveGap"] = codat ? 0.011
                + 0.008 * progress : null,
            ["seconds"] = new JsonObject { ["data"] = 0.9 + Noise(0.1), ["attack"] = 58 + Noise(2), ["update"] = 11.5
                + Noise(0.4), ["eval"] = 7.2 + Noise(0.2) },
            ["imagesPerSecond"] = 766 + Noise(12), ["peakBytes"] = 231_000_000L,
        };
    }

    // The closed form of the paper, cut at zero: plausible is enough here.
    private double[] Weights(double[] risk)
    {
        var mean = risk.Average();
        var scale = Math.Sqrt(Eta / Math.Max(1e-9, risk.Average(value => (value - mean) * (value - mean))));
        var weights = risk.Select(value => Math.Max(0, 1 + scale * (value - mean))).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private JsonObject Final() => new()
    {
        ["stopped"] = "done",
        ["test"] = new JsonObject
        {
            ["checkpoint"] = "best.safetensors", ["dataset"] = "fashion-mnist", ["split"] = "test",
                ["n"] = PerClass * Count, ["norm"] = "linf",
            ["eps"] = 0.1, ["epsText"] = "0.1", ["seed"] = 0, ["seconds"] = 41.2,
            ["attacks"] = new JsonArray(Attack("clean", null, k => Clean(k)),
                Attack("pgd-20", 0.02, k => Robust(k) + 0.006), Attack("pgd-100", 0.02, Robust)),
            ["checks"] = new JsonArray(new JsonObject { ["name"] = "more steps do not help", ["verdict"] = "pass",
                ["detail"] = "pgd-100 is 0.6 points below pgd-20" }),
        },
        ["validation"] = null,
        ["optimalWeights"] = Objective == "codat" ? Optimal() : null,
    };

    private JsonObject Optimal()
    {
        var risk = Enumerable.Range(0, Count).Select(k => 0.1 - Math.Log(Robust(k)) * 1.02).ToArray();
        return new JsonObject { ["eta"] = Eta, ["weights"] = Numbers(Weights(risk)), ["risks"] = Numbers(risk) };
    }

    private JsonObject Attack(string name, double? step, Func<int, double> accuracy)
    {
        var perClass = new JsonArray();
        var flow = new JsonArray();
        var correct = new int[Count];
        for (var k = 0; k < Count; k++)
        {
            correct[k] = (int)Math.Round(PerClass * accuracy(k));
            var (low, high) = Wilson(correct[k], PerClass);
            perClass.Add(new JsonObject
            {
                ["class"] = k, ["name"] = Names[k], ["n"] = PerClass, ["correct"] = correct[k],
                    ["accuracy"] = correct[k] / (double)PerClass,
                ["low"] = low, ["high"] = high,
                    ["risk"] = 0.1 - Math.Log(accuracy(k)),
            });
            flow.Add(Flow(k, correct[k]));
        }
        var worst = Array.IndexOf(correct, correct.Min());
        var attack = new JsonObject
        {
            ["name"] = name, ["step"] = step, ["restarts"] = step is null ? null : 1,
                ["average"] = correct.Average() / PerClass,
            ["macro"] = correct.Average() / PerClass, ["worst"] = correct[worst] / (double)PerClass,
                ["worstClass"] = worst, ["std"] = 0.19,
            ["spread"] = (correct.Max() - correct.Min()) / (double)PerClass, ["perClass"] = perClass,
        };
        if (step is not null) attack["flow"] = flow;
        return attack;
    }

    private JsonArray Flow(int k, int correct)
    {
        var row = new int[Count];
        row[k] = correct;
        var lost = PerClass - correct;
        double[] shares = [0.46, 0.27, 0.17];
        var given = 0;
        for (var i = 0; i < shares.Length; i++)
        {
            var part = (int)(lost * shares[i]);
            row[s_thieves[k % 10][i] % Count] += part;
            given += part;
        }
        row[(k + 1) % Count] += lost - given;
        return Numbers(row.Select(value => (double)value).ToArray());
    }

    private JsonObject Examples()
    {
        var images = TestImages();
        var items = new JsonArray();
        for (var i = 0; i < 12; i++)
        {
            var (pixels, label) = images[i];
            var attacked = new byte[pixels.Length * 4];
            for (var p = 0; p < pixels.Length; p++)
            {
                var change = Eps * Math.Sign(Math.Sin(p * 0.37 + i)
                    + Math.Cos(p / 28 * 0.9 - i)) * (_random.NextDouble() < 0.85 ? 1 : 0.4);
                BinaryPrimitives.WriteSingleLittleEndian(attacked.AsSpan(4 * p),
                    (float)Math.Clamp(pixels[p] / 255.0 + change, 0, 1));
            }
            items.Add(new JsonObject
            {
                ["index"] = i, ["class"] = label, ["name"] = Names[label % Count],
                    ["clean"] = Convert.ToBase64String(pixels),
                ["attacked"] = Convert.ToBase64String(attacked), ["cleanPrediction"] = label,
                ["attackedPrediction"] = i % 3 == 2 ? label : s_thieves[label][0],
            });
        }
        return new JsonObject
        {
            ["height"] = 28, ["width"] = 28, ["channels"] = 1, ["epsText"] = "0.1", ["norm"] = "linf",
                ["attack"] = "pgd-20", ["items"] = items,
        };
    }

    private static List<(byte[] Pixels, int Label)> TestImages()
    {
        var images = new List<(byte[], int)>();
        if (FashionMnistFolder() is not { } folder)
        {
            for (var i = 0; i < 12; i++) images.Add(([.. Enumerable.Range(0, 784)
                .Select(p => (byte)(p * (i + 3) % 256))], i % 10));
            return images;
        }
        using var pixels = new GZipStream(File.OpenRead(Path.Combine(folder, "t10k-images-idx3-ubyte.gz")),
            CompressionMode.Decompress);
        using var labels = new GZipStream(File.OpenRead(Path.Combine(folder, "t10k-labels-idx1-ubyte.gz")),
            CompressionMode.Decompress);
        pixels.ReadExactly(new byte[16]);
        labels.ReadExactly(new byte[8]);
        for (var i = 0; i < 12; i++)
        {
            var image = new byte[784];
            pixels.ReadExactly(image);
            images.Add((image, labels.ReadByte()));
        }
        return images;
    }

    private static string? FashionMnistFolder()
    {
        for (var at = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "shared", "data", "fashion-mnist");
            if (Directory.Exists(folder)) return folder;
        }
        return null;
    }

    private double Noise(double size) => (_random.NextDouble() * 2 - 1) * size;

    /// <summary>The Wilson interval as the roots of (share - p)^2 = z^2 p (1 - p) / n.</summary>
    public static (double Low, double High) Wilson(int correct, int n)
    {
        const double Z = 1.959963984540054;
        var share = correct / (double)n;
        var (a, b, c) = (1 + Z * Z / n, -(2 * share + Z * Z / n), share * share);
        var root = Math.Sqrt(Math.Max(0, b * b - 4 * a * c));
        return ((-b - root) / (2 * a), (-b + root) / (2 * a));
    }

    private static JsonObject Rate(double[] values) =>
        new() { ["average"] = values.Average(), ["worst"] = values.Min(), ["perClass"] = Numbers(values) };

    private static JsonObject Mean(double[] values, double deviation) =>
        new() { ["mean"] = Numbers(values), ["std"] = Numbers([.. values.Select(value => value * deviation)]) };

    private static JsonArray Numbers(double[] values) => [.. values.Select(value => (JsonNode)JsonValue.Create(value))];

    private static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
