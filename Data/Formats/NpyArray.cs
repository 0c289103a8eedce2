using System.Runtime.InteropServices;

namespace Codat.Native.Data;

/// <summary>
/// An array read from a NumPy file: element type, lengths and values in C order (last index fastest).
/// </summary>
public sealed class NpyArray
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int[] _shape;

    internal NpyArray(NpyType type, int[] shape, ReadOnlyMemory<byte> bytes)
    {
        Type = type;
        _shape = shape;
        _bytes = bytes;
        Count = bytes.Length / Npy.SizeOf(type);
    }

    /// <summary>Element type.</summary>
    public NpyType Type { get; }

    /// <summary>Length of every dimension; empty for a single value.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>Number of values.</summary>
    public int Count { get; }

    /// <summary>The values as they lie in the file, little endian.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The values without a copy; <typeparamref name="T"/> must be the array's own type.</summary>
    /// <exception cref="InvalidOperationException">The array holds another type.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged =>
        Npy.TypeOf<T>() == Type
            ? MemoryMarshal.Cast<byte, T>(_bytes.Span)
            : throw new InvalidOperationException($"The array holds {Type}, not {typeof(T).Name}.");

    /// <summary>The lengths as NumPy prints them: <c>(10, 3)</c>.</summary>
    public string DescribeShape() => Npy.DescribeShape(_shape);
}
