using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Codat.Native.Autograd;

/// <summary>
/// The sizes of a tensor's dimensions, outermost first; up to five, held inline. Images are (N, H, W, C).
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest number of dimensions.</summary>
    public const int MaxRank = 5;

    private readonly Sizes _sizes;

    /// <summary>Creates a shape; no sizes make a scalar.</summary>
    /// <exception cref="ArgumentException">More than five sizes, or a negative one.</exception>
    public Shape(params ReadOnlySpan<int> sizes)
    {
        if (sizes.Length > MaxRank)
            throw new ArgumentException($"a shape has at most {MaxRank} dimensions, found {sizes.Length}");
        Rank = sizes.Length;
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] < 0) throw new ArgumentException($"dimension {i} is negative: {sizes[i]}");
            _sizes[i] = sizes[i];
        }
    }

    /// <summary>The shape of a single number.</summary>
    public static Shape Scalar => default;

    /// <summary>Number of dimensions.</summary>
    public int Rank { get; }

    /// <summary>Size of dimension <paramref name="index"/>; negative indices count from the end.</summary>
    public int this[int index]
    {
        get
        {
            if (index < 0) index += Rank;
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Rank);
            return _sizes[index];
        }
    }

    /// <summary>Number of elements.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            for (var i = 0; i < Rank; i++) count = checked(count * _sizes[i]);
            return count;
        }
    }

    /// <summary>Elements of everything but the last dimension: rows of a (rows, channels) view.</summary>
    public long Rows => Rank == 0 ? 1 : Channels == 0 ? 0 : Count / Channels;

    /// <summary>Size of the last dimension, 1 for a scalar.</summary>
    public int Channels => Rank == 0 ? 1 : _sizes[Rank - 1];

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank) return false;
        for (var i = 0; i < Rank; i++)
            if (_sizes[i] != other._sizes[i]) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (var i = 0; i < Rank; i++) hash.Add(_sizes[i]);
        return hash.ToHashCode();
    }

    /// <summary>Compares sizes and rank.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Compares sizes and rank.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The sizes in brackets, for messages: <c>[32,28,28,1]</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < Rank; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(_sizes[i].ToString(CultureInfo.InvariantCulture));
        }
        return text.Append(']').ToString();
    }

    [InlineArray(MaxRank)]
    private struct Sizes
    {
        private int _first;
    }
}
