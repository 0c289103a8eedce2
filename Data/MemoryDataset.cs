using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Codat.Native.Data;

/// <summary>A data set held whole in memory: one byte array of pixels (N, H, W, C) and one array of labels.</summary>
public sealed class MemoryDataset : IDataset
{
    private readonly byte[] _pixels;
    private readonly int[] _labels;
    private readonly string[] _classNames;
    private readonly int _imageBytes;
    private readonly Lazy<string> _contentHash;

    /// <summary>
    /// Takes ownership of <paramref name="pixels"/> (N x H x W x C) and <paramref name="labels"/> (N).
    /// </summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="shape">Shape of one image.</param>
    /// <param name="classNames">One name for every class, in label order.</param>
    /// <param name="pixels">All images, one after the other, channels innermost.</param>
    /// <param name="labels">One label for every image, from 0 to the number of classes minus one.</param>
    /// <param name="fileHash">SHA-256 of the files read, lower-case hex; null to hash the arrays when asked.</param>
    public MemoryDataset(string name, ImageShape shape, IReadOnlyList<string> classNames, byte[] pixels, int[] labels,
        string? fileHash = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Height, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Width, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Channels, 1, nameof(shape));
        _imageBytes = shape.Bytes;
        if (pixels.LongLength != (long)labels.Length * _imageBytes)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{labels.Length} images of {shape} do not have {pixels.Length} bytes."), nameof(pixels));
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classNames.Count)
                throw new DatasetException("a label is out of range",
                    string.Create(CultureInfo.InvariantCulture, $"{name}, image {i}"),
                    string.Create(CultureInfo.InvariantCulture, $"0 to {classNames.Count - 1}"),
                    labels[i].ToString(CultureInfo.InvariantCulture), "the file is damaged or of another data set");
        }

        Name = name;
        Shape = shape;
        _classNames = [.. classNames];
        _pixels = pixels;
        _labels = labels;
        _contentHash = new Lazy<string>(fileHash is null ? HashArrays : () => fileHash);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <inheritdoc/>
    public ImageShape Shape { get; }

    /// <inheritdoc/>
    public int Classes => _classNames.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _classNames;

    /// <summary>All pixels, (N, H, W, C).</summary>
    public ReadOnlyMemory<byte> Pixels => _pixels;

    /// <summary>All labels, (N).</summary>
    public ReadOnlyMemory<int> Labels => _labels;

    /// <summary>
    /// SHA-256, lower-case hex, of the bytes of the files the split was read from, one after the other in catalogue
    /// order (as <c>cat FILES | sha256sum</c> prints); an image folder also feeds each file's relative path and a zero
    /// byte before its bytes. A data set without files hashes its pixels and then its labels as little-endian int32.
    /// </summary>
    public string ContentHash => _contentHash.Value;

    /// <inheritdoc/>
    public int Label(int index) => _labels[index];

    /// <inheritdoc/>
    public void Read(int index, Span<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_labels.Length, nameof(index));
        _pixels.AsSpan(index * _imageBytes, _imageBytes).CopyTo(pixels);
    }

    private string HashArrays()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_pixels);
        hash.AppendData(MemoryMarshal.AsBytes(_labels.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
