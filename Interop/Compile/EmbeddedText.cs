using System.Reflection;

namespace Codat.Native.Interop;

/// <summary>Files embedded in an assembly, found by file name alone.</summary>
internal static class EmbeddedText
{
    /// <summary>The file's bytes without a byte-order mark, or null where there is none of that name.</summary>
    /// <exception cref="CodatException">Two embedded files have that name.</exception>
    internal static byte[]? Read(Assembly assembly, string fileName)
    {
        string? found = null;
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (name != fileName && !name.EndsWith("." + fileName, StringComparison.Ordinal)) continue;
            if (found is not null)
                throw new CodatException("two embedded files have the same name", assembly.GetName().Name,
                    "one", $"{found} and {name}", "rename one of them", isUsage: false);
            found = name;
        }
        return found is null ? null : ReadResource(assembly, found);
    }

    /// <summary>The file names of all embedded kernel sources, sorted.</summary>
    internal static string[] KernelFiles(Assembly assembly)
    {
        const string Extension = ".cu";
        var files = new List<string>();
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (!name.EndsWith(Extension, StringComparison.Ordinal)) continue;
            var stem = name[..^Extension.Length];
            files.Add(stem[(stem.LastIndexOf('.') + 1)..] + Extension);
        }
        files.Sort(StringComparer.Ordinal);
        return [.. files];
    }

    /// <summary>A resource by its full name, or null.</summary>
    internal static byte[]? ReadResource(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource);
        if (stream is null) return null;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
    }
}
