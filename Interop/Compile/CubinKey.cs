using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codat.Native.Interop;

/// <summary>What a compiled kernel is known by: a hash of everything that went into it.</summary>
/// <remarks>
/// Schema number, compiler version, arguments (the target among them), source and headers. Nothing else matters to the
/// compiler: it reads no file and no variable.
/// </remarks>
internal sealed class CubinKey
{
    private const int Schema = 1;

    private CubinKey(string hash, string description)
    {
        Hash = hash;
        Description = description;
    }

    /// <summary>64 hexadecimal digits.</summary>
    internal string Hash { get; }

    /// <summary>The inputs for a person, a line each; stored beside the cubin.</summary>
    internal string Description { get; }

    internal static CubinKey Of(KernelSource source, string[] arguments, NvrtcVersion compiler)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"schema {Schema}\n")
            .Append(CultureInfo.InvariantCulture, $"nvrtc {compiler}\n")
            .Append(CultureInfo.InvariantCulture, $"source {source.Name}\n")
            .Append(CultureInfo.InvariantCulture, $"digest {source.Digest}\n");
        foreach (var argument in arguments) text.Append(CultureInfo.InvariantCulture, $"argument {argument}\n");
        var description = text.ToString();
        // No field holds a line break, so different inputs are different texts; texts enter by their digest.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(description));
        return new CubinKey(Convert.ToHexStringLower(hash), description);
    }
}
