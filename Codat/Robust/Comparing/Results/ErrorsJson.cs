using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>What goes along with the errors of classes, as <c>compare.json</c> has it.</summary>
internal static class ErrorsJson
{
    /// <summary>The object.</summary>
    public static JsonObject Of(ComparedErrors errors) => new()
    {
        ["clean"] = Correlation(errors.Clean), ["boundary"] = Correlation(errors.Boundary),
        ["confusion"] = Correlation(errors.Confusion), ["similarity"] = Correlation(errors.Similarity),
        ["closest"] = errors.Closest is { } pair ? new JsonObject
        {
            ["classes"] = new JsonArray(pair.First, pair.Second), ["similarity"] = Number(pair.Similarity),
        } : null,
        ["perClass"] = new JsonArray([.. errors.PerClass.Select(row => (JsonNode?)new JsonObject
        {
            ["class"] = row.Class, ["robust"] = Number(row.Robust), ["clean"] = Number(row.Clean),
            ["boundary"] = Number(row.Boundary), ["confusion"] = Number(row.Confusion),
            ["similarity"] = Number(row.Similarity), ["nearest"] = row.Nearest < 0 ? null : row.Nearest,
        })]),
    };

    private static JsonObject? Correlation(ErrorCorrelation? found) => found is null ? null : new JsonObject
    {
        ["mean"] = Number(found.Mean), ["seeds"] = new JsonArray([.. found.Seeds.Select(Number)]),
    };

    private static JsonNode? Number(double value) => double.IsFinite(value) ? value : null;
}
