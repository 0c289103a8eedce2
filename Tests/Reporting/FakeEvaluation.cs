using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Codat.Native.Tests;

/// <summary>What <c>codat eval --json --evidence</c> would leave of a checkpoint, from right or wrong drawn by seed.</summary>
internal sealed class FakeEvaluation
{
    public const int Images = 240;

    public static readonly string[] Names = ["cat", "dog", "a, \"quoted\" <b>", "ship"];

    private readonly string[] _attacks;
    private readonly Dictionary<string, bool[]> _right = [];

    /// <summary>An image that is wrong when clean is wrong under every attack; later classes are harder.</summary>
    public FakeEvaluation(int seed, double strength, params string[] attacks)
    {
        _attacks = attacks;
        var random = new Random(seed);
        _right["clean"] = Draw(i => random.NextDouble() < 0.95 - 0.05 * Class(i));
        foreach (var attack in attacks)
            _right[attack] = Draw(i => _right["clean"][i] && random.NextDouble() < strength - 0.1 * Class(i));
        _right["worst-of-all"] = Draw(i => attacks.All(a => _right[a][i]));
    }

    public static int Class(int image) => image * 7 % 4;

    /// <summary>Rows of the JSON, by name.</summary>
    public string[] Rows => ["clean", .. _attacks, .. _attacks.Length > 1 ? new[] { "worst-of-all" } : []];

    public bool[] Right(string attack) => _right[attack];

    public double Accuracy(string attack, int k) => Of(k).Average(i => _right[attack][i] ? 1.0 : 0.0);

    public double Average(string attack) => _right[attack].Average(r => r ? 1.0 : 0.0);

    public double Worst(string attack) => Enumerable.Range(0, 4).Min(k => Accuracy(attack, k));

    public static int[] Of(int k) => [.. Enumerable.Range(0, Images).Where(i => Class(i) == k)];

    /// <summary>Writes NAME.json, changed by <paramref name="change"/>, and NAME.csv if wanted; returns the path of the JSON.</summary>
    public string Write(string folder, string name, Action<JsonObject>? change = null, bool evidence = true)
    {
        var json = Json();
        change?.Invoke(json);
        var path = Path.Combine(folder, name + ".json");
        File.WriteAllText(path, json.ToJsonString());
        if (evidence) File.WriteAllText(Path.Combine(folder, name + ".csv"), Csv());
        return path;
    }

    private JsonObject Json() => new()
    {
        ["checkpoint"] = "best.safetensors", ["dataset"] = "zoo", ["split"] = "test", ["n"] = Images, ["imagesHash"] = "00ff",
        ["norm"] = "linf", ["eps"] = 8 / 255.0, ["epsText"] = "8/255", ["seed"] = 0,
        ["attacks"] = new JsonArray([.. Rows.Select(Attack)]), ["seconds"] = 1.5,
    };

    // Only counts stand here: everything else is computed from them.
    private JsonNode Attack(string name) => new JsonObject
    {
        ["name"] = name, ["step"] = name.StartsWith("pgd", StringComparison.Ordinal) ? 0.01 : null,
        ["restarts"] = name.StartsWith("pgd", StringComparison.Ordinal) ? 1 : null, ["average"] = Average(name),
        ["perClass"] = new JsonArray([.. Enumerable.Range(0, 4).Select(k => (JsonNode)new JsonObject
        {
            ["class"] = k, ["name"] = Names[k], ["n"] = Of(k).Length, ["correct"] = Of(k).Count(i => _right[name][i]),
        })]),
    };

    private string Csv()
    {
        var text = new StringBuilder("id,class,clean," + string.Concat(_attacks.Select(a => a + ",")) + "worst-of-all"
            + string.Concat(_attacks.Select(a => $",{a}.step,{a}.margin")) + "\n");
        for (var i = 0; i < Images; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i},{Class(i)},{(_right["clean"][i] ? 1 : 0)}");
            foreach (var attack in _attacks.Append("worst-of-all"))
                text.Append(CultureInfo.InvariantCulture, $",{(_right[attack][i] ? 1 : 0)}");
            foreach (var _ in _attacks) text.Append(",-1,0.5");
            text.Append('\n');
        }
        return text.ToString();
    }

    private static bool[] Draw(Func<int, bool> one) => [.. Enumerable.Range(0, Images).Select(one)];
}
