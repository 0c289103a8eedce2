using System.Text.Json.Nodes;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>The evaluation of a baseline, from its <c>final.json</c> or from what <c>eval --json</c> printed.</summary>
public sealed class BaselineFile
{
    private readonly JsonObject _evaluation;
    private readonly string _path;

    private BaselineFile(JsonObject evaluation, string path) => (_evaluation, _path) = (evaluation, path);

    /// <summary>Reads the evaluation of a split.</summary>
    /// <param name="path">The file.</param>
    /// <param name="split">The split that is evaluated: of a <c>final.json</c>, which evaluation is meant.</param>
    /// <exception cref="CodatException">The file is none of the two, or holds no evaluation of that split.</exception>
    public static BaselineFile Read(string path, string split)
    {
        JsonObject? root;
        try
        {
            root = JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException
            or System.Text.Json.JsonException)
        {
            throw Bad(path, error.Message, error);
        }
        var evaluation = root?["attacks"] is JsonArray
            ? root
            : root?[split == "val" ? "validation" : split] as JsonObject;
        if (evaluation?["attacks"] is not JsonArray) throw Bad(path, $"nothing about the {split} split");
        return new BaselineFile(evaluation, path);
    }

    /// <summary>Refuses a baseline that cannot be compared with.</summary>
    /// <param name="attacks">Names of the attacks that will run.</param>
    /// <param name="norm">Norm of their threat model.</param>
    /// <param name="eps">Radius of it.</param>
    /// <exception cref="CodatException">The baseline has another threat model, or none of the attacks.</exception>
    public void Check(IEnumerable<string> attacks, Norm norm, Magnitude eps)
    {
        var names = attacks.ToArray();
        if (Text("norm") != SettingNames.Norms.Print(norm) || Number(_evaluation, "eps") != eps.Value)
            throw new CodatException("the baseline was measured under another threat model", _path,
                $"{SettingNames.Norms.Print(norm)} {eps.Text}", $"{Text("norm")} {Text("epsText")}",
                "evaluate both under the same --norm and --eps");
        if (!names.Intersect(Names()).Any())
            throw new CodatException("the baseline has none of these attacks", _path, string.Join(", ", names),
                string.Join(", ", Names()), "evaluate the baseline with the same --attack");
    }

    /// <summary>The rows with what they are against the baseline's row of the same name, where it has one.</summary>
    public IReadOnlyList<AttackResult> Compare(IReadOnlyList<AttackResult> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.Select(Compare)];
    }

    private AttackResult Compare(AttackResult row)
    {
        var found = _evaluation["attacks"]!.AsArray().FirstOrDefault(a => a?["name"]?.ToString() == row.Name); // Read
        return found is null ? row : row with
        {
            Baseline = AgainstBaseline.Of(row.Accuracy.Worst, row.Accuracy.Average,
                Number(found, "worst"), Number(found, "average")),
        };
    }

    private IEnumerable<string?> Names() => _evaluation["attacks"]!.AsArray().Select(a => a?["name"]?.ToString());

    private string Text(string key) => _evaluation[key]?.ToString() ?? "none";

    private static double Number(JsonNode node, string key) =>
        node[key] is JsonValue value && value.TryGetValue(out double number) ? number : double.NaN;

    private static CodatException Bad(string path, string found, Exception? inner = null) =>
        new("the baseline cannot be read", path, "a final.json, or the output of codat eval --json", found,
            inner: inner);
}
