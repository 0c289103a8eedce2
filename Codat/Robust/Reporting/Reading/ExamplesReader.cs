using System.Buffers.Binary;

namespace Codat.Native.Robust;

/// <summary>Reads <c>examples.json</c>: images before and after the attack.</summary>
internal static class ExamplesReader
{
    private const int LargestSide = 1024;

    /// <summary>Reads the file; null where it does not exist.</summary>
    public static ExampleSet? Read(string path)
    {
        if (!File.Exists(path)) return null;
        var root = JsonView.Load(path);
        var (height, width, channels) = (Side(root, "height"), Side(root, "width"), Side(root, "channels"));
        if (channels is not (1 or 3)) throw root.Wrong("1 or 3 channels", ReportFormat.Count(channels));
        return new ExampleSet(height, width, channels, root.Text("epsText") ?? "", root.Text("norm") ?? "",
            root.Text("attack") ?? "", root.Items("items")
                .ConvertAll(item => Example(item, height * width * channels)));
    }

    private static int Side(JsonView root, string name)
    {
        var side = root.Integer(name) ?? throw root.Wrong("a member named " + name, "none");
        return side is > 0 and <= LargestSide
            ? side
            : throw root.Wrong(name + " from 1 to " + ReportFormat.Count(LargestSide), ReportFormat.Count(side));
    }

    private static ExampleView Example(JsonView item, int values)
    {
        var label = item.Integer("class") ?? throw item.Wrong("a member named class", "none");
        var clean = Bytes(item, "clean", values);
        var raw = Bytes(item, "attacked", checked(values * sizeof(float)));
        var attacked = new float[values];
        for (var i = 0; i < values; i++)
            attacked[i] = BinaryPrimitives.ReadSingleLittleEndian(raw.AsSpan(i * sizeof(float)));
        return new ExampleView(item.Integer("index") ?? -1, label, item.Text("name") ?? ReportFormat.ClassName(label),
            clean, attacked, item.Integer("cleanPrediction") ?? -1, item.Integer("attackedPrediction") ?? -1);
    }

    private static byte[] Bytes(JsonView item, string name, int length)
    {
        var member = item.Get(name) ?? throw item.Wrong("a member named " + name, "none");
        if (member.Element.ValueKind != System.Text.Json.JsonValueKind.String
            || !member.Element.TryGetBytesFromBase64(out var bytes))
        {
            throw member.Wrong("base64 text");
        }
        return bytes.Length == length
            ? bytes
            : throw member.Wrong(ReportFormat.Count(length) + " bytes", ReportFormat.Count(bytes.Length));
    }
}
