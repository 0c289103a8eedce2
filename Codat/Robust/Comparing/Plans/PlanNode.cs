using System.Globalization;
using System.Text;
using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>One value of a plan file that knows where it stands: line, column and path.</summary>
internal sealed record PlanNode(string File, string Path, int Line, int Column, JsonValueKind Kind, string Text)
{
    /// <summary>The members of an object, in file order; names are unique.</summary>
    public IReadOnlyList<(string Name, PlanNode Value)> Members { get; private init; } = [];

    /// <summary>The entries of an array.</summary>
    public IReadOnlyList<PlanNode> Items { get; private init; } = [];

    /// <summary>The place for errors: file:line:column (path).</summary>
    public string Where => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}")
        + (Path.Length == 0 ? "" : $" {Path}");

    /// <summary>Parses a plan, whose top value must be an object.</summary>
    /// <exception cref="CodatException">It is not JSON, or an object names a member twice.</exception>
    public static PlanNode Parse(string json, string file)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes);
        try
        {
            reader.Read();
            var root = Value(ref reader, bytes, file, "");
            reader.Read(); // refuses anything after the value
            return root.Kind == JsonValueKind.Object ? root : throw root.Wrong("an object");
        }
        catch (JsonException error)
        {
            var (line, column) = (error.LineNumber + 1 ?? 1, error.BytePositionInLine + 1 ?? 1);
            var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw new CodatException("the plan is not JSON",
                string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}"), "one JSON object",
                end < 0 ? error.Message : error.Message[..end], inner: error);
        }
    }

    /// <summary>The member of a name, or null.</summary>
    public PlanNode? Find(string name)
    {
        foreach (var (member, value) in Members)
            if (member == name) return value;
        return null;
    }

    /// <summary>The text of this value, which must be text with something in it.</summary>
    public string AsText() =>
        Kind == JsonValueKind.String && Text.Length > 0 ? Text : throw Wrong("text");

    /// <summary>The entries of this value, which must be an array with something in it.</summary>
    public IReadOnlyList<PlanNode> AsItems() =>
        Kind == JsonValueKind.Array && Items.Count > 0 ? Items : throw Wrong("an array with at least one entry");

    /// <summary>The members of this value, which must be an object.</summary>
    public IReadOnlyList<(string Name, PlanNode Value)> AsMembers() =>
        Kind == JsonValueKind.Object ? Members : throw Wrong("an object");

    /// <summary>An error at this value.</summary>
    public CodatException Error(string what, string? expected = null, string? found = null, string? fix = null) =>
        new(what, Where, expected, found, fix);

    /// <summary>An error that says this value should have been something else.</summary>
    public CodatException Wrong(string expected) => Error("wrong type of value in the plan", expected, Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => Items.Count == 0 ? "an empty array" : "an array",
        JsonValueKind.String => $"'{Text}'",
        _ => Text,
    });

    private static PlanNode Value(ref Utf8JsonReader reader, byte[] bytes, string file, string path)
    {
        var (line, column) = Place(bytes, (int)reader.TokenStartIndex);
        var node = new PlanNode(file, path, line, column, JsonValueKind.Null, "null");
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return node with { Kind = JsonValueKind.Object, Text = "", Members = Object(ref reader, bytes, node) };
            case JsonTokenType.StartArray:
                return node with { Kind = JsonValueKind.Array, Text = "", Items = Array(ref reader, bytes, node) };
            case JsonTokenType.String:
                return node with { Kind = JsonValueKind.String, Text = String(ref reader, node) };
            case JsonTokenType.Number:
                return node with
                {
                    Kind = JsonValueKind.Number, Text = Encoding.ASCII.GetString(reader.ValueSpan),
                };
            case JsonTokenType.True: return node with { Kind = JsonValueKind.True, Text = "true" };
            case JsonTokenType.False: return node with { Kind = JsonValueKind.False, Text = "false" };
            default: return node;
        }
    }

    private static List<(string, PlanNode)> Object(ref Utf8JsonReader reader, byte[] bytes, PlanNode parent)
    {
        var members = new List<(string Name, PlanNode)>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var (line, column) = Place(bytes, (int)reader.TokenStartIndex);
            var name = String(ref reader, parent);
            var path = parent.Path.Length == 0 ? name : $"{parent.Path}.{name}";
            if (members.Exists(m => m.Name == name))
                throw (parent with { Path = path, Line = line, Column = column }).Error("key given twice", null,
                    $"'{name}'", "leave one of them out");
            reader.Read();
            members.Add((name, Value(ref reader, bytes, parent.File, path)));
        }
        return members;
    }

    private static List<PlanNode> Array(ref Utf8JsonReader reader, byte[] bytes, PlanNode parent)
    {
        var items = new List<PlanNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(Value(ref reader, bytes, parent.File,
                string.Create(CultureInfo.InvariantCulture, $"{parent.Path}[{items.Count}]")));
        return items;
    }

    private static string String(ref Utf8JsonReader reader, PlanNode at)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair written as an escape passes the reader and is no text.
            throw at.Error("a text of the plan is not Unicode", "whole characters", "half a surrogate pair");
        }
    }

    private static (int Line, int Column) Place(byte[] bytes, int at)
    {
        var before = bytes.AsSpan(0, at);
        var start = before.LastIndexOf((byte)'\n') + 1;
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }
}
