namespace Codat.Native.Data;

/// <summary>Which images belong to each class, how many, and the class frequencies.</summary>
public sealed class ClassIndex
{
    private readonly int[] _starts;
    private readonly int[] _members;

    /// <summary>Sorts images by class, keeping their order within a class.</summary>
    /// <param name="labels">A label for every image, 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">Number of classes.</param>
    public ClassIndex(ReadOnlySpan<int> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
        _starts = new int[classes + 1];
        foreach (int label in labels) _starts[label + 1]++;
        for (int k = 0; k < classes; k++) _starts[k + 1] += _starts[k];
        _members = new int[labels.Length];
        int[] next = _starts[..classes];
        for (int i = 0; i < labels.Length; i++) _members[next[labels[i]]++] = i;
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Number of images.</summary>
    public int Total => _members.Length;

    /// <summary>The classes of a data set.</summary>
    public static ClassIndex Of(IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new ClassIndex(LabelsOf(dataset), dataset.Classes);
    }

    /// <summary>Number of images of class <paramref name="k"/>.</summary>
    public int Count(int k) => _starts[k + 1] - _starts[k];

    /// <summary>The images of class <paramref name="k"/>, ascending.</summary>
    public ReadOnlySpan<int> Members(int k) => _members.AsSpan(_starts[k], Count(k));

    /// <summary>Share of every class among the images (length K, sum 1); the prior <c>frequency</c>.</summary>
    public double[] Frequencies()
    {
        var shares = new double[Classes];
        for (int k = 0; k < Classes; k++) shares[k] = (double)Count(k) / Total;
        return shares;
    }

    internal static int[] LabelsOf(IDataset dataset)
    {
        var labels = new int[dataset.Count];
        for (int i = 0; i < labels.Length; i++) labels[i] = dataset.Label(i);
        return labels;
    }
}
