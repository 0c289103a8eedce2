namespace Codat.Native.Data;

/// <summary>
/// Images of another data set under other labels; images of classes without a counterpart are left out.
/// </summary>
public static class MappedDataset
{
    /// <summary>Relabels <paramref name="source"/> by a map from its classes to those of a network.</summary>
    /// <param name="source">The images.</param>
    /// <param name="map">For each class of the source: the target class, or null to leave its images out.</param>
    /// <param name="names">Names of the target classes, or null.</param>
    /// <param name="classes">Number of target classes.</param>
    public static IDataset Create(IDataset source, IReadOnlyList<int?> map, IReadOnlyList<string>? names, int classes)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(map);
        if (map.Count != source.Classes)
            throw new ArgumentException($"{map.Count} entries for {source.Classes} classes", nameof(map));
        var kept = new List<int>();
        for (int i = 0; i < source.Count; i++)
            if (map[source.Label(i)] is not null) kept.Add(i);
        names ??= [
            .. Enumerable.Range(0, classes).Select(k => k.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return new Relabelled(new Subset(source, [.. kept]), map, names);
    }

    private sealed class Relabelled(Subset images, IReadOnlyList<int?> map, IReadOnlyList<string> names) : IDataset
    {
        public string Name => images.Name;

        public int Count => images.Count;

        public ImageShape Shape => images.Shape;

        public int Classes => names.Count;

        public IReadOnlyList<string> ClassNames => names;

        // Images without a counterpart are not in the subset.
        public int Label(int index) =>
            map[images.Label(index)] ?? throw new InvalidOperationException("an unmapped class");

        public void Read(int index, Span<byte> pixels) => images.Read(index, pixels);

        public int SampleId(int index) => images.SampleId(index);
    }
}
