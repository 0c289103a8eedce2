namespace Codat.Native.Robust;

/// <summary>The device asked for: <c>auto</c> or <c>cpu</c>.</summary>
/// <param name="Text">The text as typed.</param>
public readonly record struct DeviceSpec(string Text)
{
    /// <summary>The best device found.</summary>
    public static DeviceSpec Auto { get; } = new("auto");

    /// <summary>Reads a device.</summary>
    /// <exception cref="Interop.CodatException">The text is no device, or one that is not in this version.</exception>
    public static DeviceSpec Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text is "auto" or "cpu") return new DeviceSpec(text);
        bool cuda = text == "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal)
            && SettingText.TryInteger(text.AsSpan("cuda:".Length), out int ordinal) && ordinal >= 0);
        throw cuda
            ? SettingText.NotInThisVersion($"device '{text}'", where, "auto or cpu")
            : SettingText.Bad(text, where, "auto or cpu");
    }

    /// <summary>The text as typed.</summary>
    public override string ToString() => Text ?? "auto";
}
