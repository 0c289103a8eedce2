namespace Codat.Native.Data;

/// <summary>
/// Some images of another data set, which is not copied; sample ids stay those of the published split.
/// </summary>
public sealed class Subset : IDataset
{
    private readonly IDataset _source;
    private readonly int[] _indices;

    /// <summary>The images of <paramref name="source"/> at <paramref name="indices"/>, in that order.</summary>
    public Subset(IDataset source, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(source);
        foreach (int index in indices)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)source.Count, nameof(indices));
        _source = source;
        _indices = indices.ToArray();
    }

    /// <inheritdoc/>
    public string Name => _source.Name;

    /// <inheritdoc/>
    public int Count => _indices.Length;

    /// <inheritdoc/>
    public ImageShape Shape => _source.Shape;

    /// <inheritdoc/>
    public int Classes => _source.Classes;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _source.ClassNames;

    /// <summary>Positions in the source, in the order of this subset.</summary>
    public ReadOnlyMemory<int> Indices => _indices;

    /// <summary>
    /// The first <paramref name="count"/> images, or all if there are fewer; what <c>--test-limit</c> means.
    /// </summary>
    public static Subset First(IDataset source, int count)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var indices = new int[Math.Min(count, source.Count)];
        for (int i = 0; i < indices.Length; i++) indices[i] = i;
        return new Subset(source, indices);
    }

    /// <inheritdoc/>
    public int Label(int index) => _source.Label(_indices[index]);

    /// <inheritdoc/>
    public void Read(int index, Span<byte> pixels) => _source.Read(_indices[index], pixels);

    /// <inheritdoc/>
    public int SampleId(int index) => _source.SampleId(_indices[index]);
}
