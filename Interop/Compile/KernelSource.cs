using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Codat.Native.Interop;

/// <summary>CUDA C++ text with the headers it includes, whole in memory: no include path is ever searched.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
internal sealed class KernelSource
{
    private readonly byte[] _text;
    private readonly KernelHeader[] _headers;

    private KernelSource(string name, byte[] text, KernelHeader[] headers)
    {
        Name = name;
        _text = text;
        _headers = headers;
        Digest = Hash();
    }

    /// <summary>The file's name, as the compiler's messages show it.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of names and texts, of the source and of every header.</summary>
    public string Digest { get; }

    internal ReadOnlySpan<byte> Text => _text;

    internal ReadOnlySpan<KernelHeader> Headers => _headers;

    /// <summary>
    /// A source embedded in an assembly, by its file name; headers come from there or from this library.
    /// </summary>
    /// <exception cref="CodatException">There is no such resource, or a header it includes is nowhere.</exception>
    public static KernelSource FromResource(Assembly assembly, string fileName)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var text = EmbeddedText.Read(assembly, fileName)
            ?? throw new CodatException("a kernel source is not in the assembly", assembly.GetName().Name, fileName,
                fix: "put the .cu file into a folder of the project", isUsage: false);
        return new KernelSource(fileName, text, KernelIncludes.Collect(fileName, text,
            name => EmbeddedText.Read(assembly, name) ?? EmbeddedText.Read(typeof(KernelSource).Assembly, name)));
    }

    /// <summary>A source given as text; headers not among <paramref name="headers"/> come from this library.</summary>
    /// <exception cref="CodatException">A header it includes is nowhere.</exception>
    public static KernelSource FromText(string name, string text,
        params ReadOnlySpan<(string Name, string Text)> headers)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(text);
        var given = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var header in headers) given.Add(header.Name, Encoding.UTF8.GetBytes(header.Text));
        var bytes = Encoding.UTF8.GetBytes(text);
        return new KernelSource(name, bytes, KernelIncludes.Collect(name, bytes,
            header => given.GetValueOrDefault(header)
                ?? EmbeddedText.Read(typeof(KernelSource).Assembly, header)));
    }

    /// <summary>The names of the kernels in the source: every function declared <c>extern "C" __global__</c>.</summary>
    public IReadOnlyList<string> FindEntries() => KernelText.Entries(Encoding.UTF8.GetString(_text));

    /// <summary>
    /// The ways the source is compiled in, as its <c>// variants:</c> lines say; none if it has none.
    /// </summary>
    public IReadOnlyList<CompileOptions> FindVariants() => KernelText.Variants(Encoding.UTF8.GetString(_text), Name);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>
    /// The lines of the source or of one of its headers, for messages; none for a name it does not know.
    /// </summary>
    internal string[] Lines(string file)
    {
        if (file == Name) return Split(_text);
        foreach (var header in _headers)
            if (header.Name == file) return Split(header.Text);
        return [];
    }

    private static string[] Split(byte[] text) => Encoding.UTF8.GetString(text).ReplaceLineEndings("\n").Split('\n');

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        LengthPrefixed.Append(hash, Encoding.UTF8.GetBytes(Name));
        LengthPrefixed.Append(hash, _text);
        foreach (var header in _headers)
        {
            LengthPrefixed.Append(hash, Encoding.UTF8.GetBytes(header.Name));
            LengthPrefixed.Append(hash, header.Text);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
