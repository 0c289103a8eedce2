using System.Text;

namespace Codat.Native.Interop;

/// <summary>Zero-terminated texts behind one another in one array, to be pinned once.</summary>
internal sealed class Utf8Block
{
    private readonly List<byte> _bytes = [];
    private readonly List<int> _starts = [];

    internal int Count => _starts.Count;

    /// <summary>Adds a text and returns its index.</summary>
    internal int Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds a text and returns its index.</summary>
    internal int Add(ReadOnlySpan<byte> text)
    {
        if (text.Contains((byte)0)) throw new ArgumentException("a text holds a zero character", nameof(text));
        _starts.Add(_bytes.Count);
        _bytes.AddRange(text);
        _bytes.Add(0);
        return _starts.Count - 1;
    }

    internal byte[] ToArray() => [.. _bytes];

    /// <summary>Where text <paramref name="index"/> starts in the array.</summary>
    internal int Start(int index) => _starts[index];
}
