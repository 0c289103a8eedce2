using System.Globalization;

namespace Codat.Native.Data;

/// <summary>Draws that keep the proportions of the classes, by seed and class alone.</summary>
public static class StratifiedSplit
{
    /// <summary>Divides images into two parts; both lists are ascending.</summary>
    /// <param name="labels">A label for every image.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="size">How many to set aside; classes get their proportional part of it (largest
    /// remainders).</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <returns>The images that stay, and those set aside.</returns>
    /// <exception cref="DatasetException">Nothing would stay.</exception>
    public static (int[] Train, int[] Validation) Draw(ReadOnlySpan<int> labels, int classes, SplitSize size,
        ulong seed)
    {
        int taken = size.Of(labels.Length);
        if (taken >= labels.Length)
            throw new DatasetException("the validation split takes every training image", "--val",
                string.Create(CultureInfo.InvariantCulture, $"fewer than {labels.Length} images"),
                DataFile.Number(taken), "set fewer aside");
        int[] validation = Sample(labels, classes, taken, seed, DrawPurpose.ValidationSplit);
        var train = new int[labels.Length - taken];
        for (int i = 0, v = 0; i < labels.Length; i++)
        {
            if (v < taken && validation[v] == i) v++;
            else train[i - v] = i;
        }

        return (train, validation);
    }

    /// <summary>A stratified sample of <paramref name="count"/> positions, ascending.</summary>
    internal static int[] Sample(ReadOnlySpan<int> labels, int classes, int count, ulong seed, DrawPurpose purpose)
    {
        var index = new ClassIndex(labels, classes);
        var counts = new int[classes];
        for (int k = 0; k < classes; k++) counts[k] = index.Count(k);
        return SampleClasses(index, Apportion(counts, count), seed, purpose);
    }

    /// <summary>
    /// The stated number of images of each class, ascending; more images of a class contain the fewer.
    /// </summary>
    internal static int[] SampleClasses(ClassIndex index, ReadOnlySpan<int> perClass, ulong seed, DrawPurpose purpose)
    {
        var chosen = new List<int>();
        for (int k = 0; k < index.Classes; k++)
        {
            int[] members = index.Members(k).ToArray();
            new PhiloxStream(seed, purpose, (uint)k).Shuffle(members);
            chosen.AddRange(members.AsSpan(0, perClass[k]));
        }

        chosen.Sort();
        return [.. chosen];
    }

    /// <summary>
    /// Divides <paramref name="total"/> in proportion to the counts: whole parts, then largest remainders.
    /// </summary>
    internal static int[] Apportion(ReadOnlySpan<int> counts, int total)
    {
        long all = 0;
        foreach (int count in counts) all += count;
        var parts = new int[counts.Length];
        var remainders = new (long Remainder, int Class)[counts.Length];
        int left = total;
        for (int k = 0; k < counts.Length; k++)
        {
            long exact = (long)total * counts[k];
            parts[k] = (int)(exact / all);
            remainders[k] = (-(exact % all), k);
            left -= parts[k];
        }

        Array.Sort(remainders);
        for (int i = 0; i < left; i++) parts[remainders[i].Class]++;
        return parts;
    }
}
