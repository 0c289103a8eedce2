using System.Text;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// The outside re-check: a script that needs only PyTorch, rebuilds the network of a weight file and measures it again.
/// </summary>
public static class ReCheckKit
{
    private const string Resource = "check.py";

    /// <summary>Writes <c>NAME_check.py</c> beside <c>NAME.safetensors</c>; returns its path.</summary>
    /// <exception cref="CodatException">The file cannot be written.</exception>
    public static string Write(string weights)
    {
        ArgumentException.ThrowIfNullOrEmpty(weights);
        var full = Path.GetFullPath(weights);
        var path = Path.Combine(Path.GetDirectoryName(full) ?? full, Path.GetFileNameWithoutExtension(full)
            + "_check.py");
        using var stream = typeof(ReCheckKit).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException("The assembly lacks its resource " + Resource + ".");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        AtomicFile.WriteAllText(path, reader.ReadToEnd().ReplaceLineEndings("\n"));
        return path;
    }
}
