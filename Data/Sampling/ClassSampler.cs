namespace Codat.Native.Data;

/// <summary>
/// Training order that draws each image anew: a class by given shares, then one of its images, all equally likely. A
/// batch is a pure function of seed, epoch, batch number and the shares when it is drawn; an image can come several
/// times in an epoch, or not at all.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
public sealed class ClassSampler : IBatchSampler
{
    private readonly int[][] _images;
    private readonly double[] _shares;
    private readonly ulong _seed;

    /// <summary>Draws batches of <paramref name="batchSize"/> from a data set, at first from all classes that have
    /// images alike.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer images than one batch.</exception>
    public ClassSampler(IDataset dataset, int batchSize, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dataset.Count, batchSize, nameof(dataset));
        (BatchSize, BatchesPerEpoch, _seed) = (batchSize, dataset.Count / batchSize, seed);
        var images = new List<int>[dataset.Classes];
        for (int k = 0; k < images.Length; k++) images[k] = [];
        for (int i = 0; i < dataset.Count; i++) images[dataset.Label(i)].Add(i);
        _images = Array.ConvertAll(images, list => list.ToArray());
        _shares = new double[images.Length];
        SetShares(Array.ConvertAll(_images, list => list.Length > 0 ? 1.0 : 0.0));
    }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int BatchesPerEpoch { get; }

    /// <summary>Whether a class has images to draw.</summary>
    public bool HasImages(int label) => _images[label].Length > 0;

    /// <summary>Sets how likely each class is, relative to the others.</summary>
    /// <exception cref="ArgumentException">A share is negative or not finite, all are 0, or a class without images has
    /// one.</exception>
    public void SetShares(ReadOnlySpan<double> shares)
    {
        if (shares.Length != _images.Length) throw new ArgumentException("One share for each class.", nameof(shares));
        double sum = 0;
        for (int k = 0; k < shares.Length; k++)
        {
            if (!(shares[k] >= 0) || !double.IsFinite(shares[k]) || (shares[k] > 0 && _images[k].Length == 0))
                throw new ArgumentException($"Class {k} cannot have the share {shares[k]}.", nameof(shares));
            sum += shares[k];
        }

        if (!(sum > 0)) throw new ArgumentException("No class has a share.", nameof(shares));
        for (int k = 0; k < shares.Length; k++) _shares[k] = shares[k] / sum;
    }

    /// <inheritdoc/>
    public int Fill(int epoch, int batch, Span<int> positions)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)batch, (uint)BatchesPerEpoch, nameof(batch));
        var draws = new PhiloxStream(_seed, DrawPurpose.ClassSampling, (uint)batch, (uint)epoch);
        for (int i = 0; i < BatchSize; i++)
        {
            int[] images = _images[ClassAt(Uniform(draws.Next()))];
            positions[i] = images[draws.NextBelow(images.Length)];
        }

        return BatchSize;
    }

    /// <inheritdoc/>
    /// <remarks>The place in the epoch: an image that comes twice is augmented and attacked twice.</remarks>
    public int DrawId(int batch, int row, int sampleId) => batch * BatchSize + row;

    private static double Uniform(uint word) => (word + 0.5) / 4294967296.0;

    private int ClassAt(double u)
    {
        int last = 0;
        double bound = 0;
        for (int k = 0; k < _shares.Length; k++)
        {
            if (_shares[k] == 0) continue;
            last = k;
            bound += _shares[k];
            if (u < bound) return k;
        }

        // Rounding can leave the last bound a little below 1.
        return last;
    }
}
