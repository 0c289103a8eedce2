using System.Globalization;

namespace Codat.Native.Data;

/// <summary>
/// The user's own arrays: DIR/{train,test}.npz with <c>x</c>, uint8 (N, H, W, C), and <c>y</c>, int64, int32 or uint8
/// (N). The number of classes is one more than the largest training label; test labels are never looked at for it.
/// </summary>
internal static class NpzArrays
{
    private const int MaxClasses = 1 << 16;

    internal static MemoryDataset Read(string folder, DatasetSplit split)
    {
        string path = DatasetCatalog.NpzFile(folder, split);
        NpyArray[] arrays = Npz.Read(path, "x", "y");
        NpyArray x = arrays[0];
        ReadOnlySpan<int> shape = x.Shape;
        if (x.Type != NpyType.UInt8 || shape.Length != 4 || shape[3] is not (1 or 3) || x.Count == 0)
            throw new DatasetException("the array x has the wrong type or shape", path,
                "uint8 (N, H, W, C) with 1 or 3 channels", x.Type + " " + x.DescribeShape());
        int[] labels = Labels(arrays[1], path);
        if (labels.Length != shape[0])
            throw new DatasetException("the array y does not match x", path, DataFile.Number(shape[0]) + " labels",
                DataFile.Number(labels.Length));

        int classes = 1 + (split == DatasetSplit.Train ? Largest(labels) : LargestTrained(folder, labels, path));
        var names = new string[classes];
        for (int k = 0; k < classes; k++) names[k] = k.ToString(CultureInfo.InvariantCulture);
        return new MemoryDataset(DatasetCatalog.NpzName, new ImageShape(shape[1], shape[2], shape[3]), names,
            x.Bytes.ToArray(), labels, DataFile.Hash(path));
    }

    // A test file alone has to speak for itself.
    private static int LargestTrained(string folder, int[] tested, string where)
    {
        string path = DatasetCatalog.NpzFile(folder, DatasetSplit.Train);
        if (!File.Exists(path)) return Largest(tested);
        int largest = Largest(Labels(Npz.Read(path, "y")[0], path));
        int image = Array.FindIndex(tested, label => label > largest);
        if (image < 0) return largest;
        throw new DatasetException("a class has no training images", where + ", image " + DataFile.Number(image),
            "0 to " + DataFile.Number(largest), DataFile.Number(tested[image]),
            "give train.npz an image of every class");
    }

    private static int[] Labels(NpyArray y, string where)
    {
        if (y.Type is NpyType.Float32 or NpyType.Float64 || y.Shape.Length != 1)
            throw new DatasetException("the array y has the wrong type or shape", where, "int64, int32 or uint8 (N)",
                y.Type + " " + y.DescribeShape());
        var labels = new int[y.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            long label = y.Type switch
            {
                NpyType.UInt8 => y.Values<byte>()[i],
                NpyType.Int32 => y.Values<int>()[i],
                _ => y.Values<long>()[i],
            };
            labels[i] = LabelCheck.InRange(label, MaxClasses, i, where);
        }

        return labels;
    }

    private static int Largest(int[] labels)
    {
        int largest = -1;
        foreach (int label in labels) largest = Math.Max(largest, label);
        return largest;
    }
}
