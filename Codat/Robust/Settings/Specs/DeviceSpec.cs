using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>What a device setting asks for.</summary>
internal enum DeviceChoice
{
    Auto,
    Cpu,
    Cuda,
}

/// <summary>The device asked for: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
public readonly record struct DeviceSpec(string Text)
{
    private const string CudaName = "cuda", CudaPrefix = "cuda:";

    /// <summary>The best device found.</summary>
    public static DeviceSpec Auto { get; } = new("auto");

    /// <summary>The number of the CUDA device, 0 unless told otherwise.</summary>
    internal int Ordinal => ToString().StartsWith(CudaPrefix, StringComparison.Ordinal)
        ? int.Parse(ToString().AsSpan(CudaPrefix.Length), CultureInfo.InvariantCulture)
        : 0;

    internal DeviceChoice Kind => ToString() switch
    {
        "auto" => DeviceChoice.Auto,
        "cpu" => DeviceChoice.Cpu,
        _ => DeviceChoice.Cuda,
    };

    /// <summary>Reads a device.</summary>
    /// <exception cref="Interop.CodatException">The text is no device.</exception>
    public static DeviceSpec Parse(string text, string where)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool known = text is "auto" or "cpu" or CudaName || (text.StartsWith(CudaPrefix, StringComparison.Ordinal)
            && SettingText.TryInteger(text.AsSpan(CudaPrefix.Length), out int ordinal) && ordinal >= 0);
        return known ? new DeviceSpec(text) : throw SettingText.Bad(text, where, "auto, cpu, cuda or cuda:N");
    }

    /// <summary>The text as typed.</summary>
    public override string ToString() => Text ?? "auto";
}
