namespace Codat.Native.Robust;

/// <summary>The names of networks.</summary>
internal static class ModelName
{
    internal const string Names =
        "small-cnn, medium-cnn, resnet18, preact-resnet18, wrn-34-10, wrn-28-10 (wrn-D-W), or mlp";

    /// <summary>Accepts the name of a network, refuses anything else.</summary>
    internal static string Parse(string text, string where)
    {
        if (text is "small-cnn" or "medium-cnn" or "resnet18" or "preact-resnet18" or "mlp") return text;
        string[] parts = text.Split('-');
        // Three groups of (D-4)/6 blocks with two convolutions each.
        bool wide = parts.Length == 3 && parts[0] == "wrn"
            && SettingText.TryInteger(parts[1], out int depth) && depth >= 10 && (depth - 4) % 6 == 0
            && SettingText.TryInteger(parts[2], out int width) && width >= 1
            && text == $"wrn-{SettingText.Print(depth)}-{SettingText.Print(width)}";
        return wide ? text : throw SettingText.Bad(text, where, Names);
    }
}
