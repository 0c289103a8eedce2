using System.Text;
using Codat.Native.Data;

namespace Codat.Native.Tests;

/// <summary>Small data sets on disk: striped images of 16x16x3 in four classes.</summary>
internal static class SmallData
{
    public const int Classes = 4;

    public static SyntheticOptions Images(ulong seed = 0, int train = 200, int test = 40) => new()
    {
        Classes = Classes, Shape = new ImageShape(16, 16, 3), TrainCount = train, TestCount = test, Seed = seed,
    };

    /// <summary><c>train.npz</c> and <c>test.npz</c>; returns the folder.</summary>
    public static string Npz(TempFolder folder, string name, SyntheticOptions images)
    {
        foreach (var split in new[] { DatasetSplit.Train, DatasetSplit.Test })
        {
            var set = SyntheticDataset.Create(images, split);
            folder.Write(Path.Combine(name, $"{split}.npz".ToLowerInvariant()),
                SampleFiles.NpzFile(("x", Npy(Pixels(set), set.Count, 16, 16, 3)), ("y", Npy(Labels(set), set.Count))));
        }
        return folder.File(name);
    }

    /// <summary>A folder of PPM files; returns it.</summary>
    public static string Ppm(TempFolder folder, string name, SyntheticOptions images)
    {
        foreach (var split in new[] { DatasetSplit.Train, DatasetSplit.Test })
        {
            var set = SyntheticDataset.Create(images, split);
            var pixels = new byte[set.Shape.Bytes];
            for (var i = 0; i < set.Count; i++)
            {
                set.Read(i, pixels);
                folder.Write(Path.Combine(name, $"{split}".ToLowerInvariant(), $"class{set.Label(i)}", $"{i:D4}.ppm"),
                    [.. Encoding.ASCII.GetBytes("P6\n16 16\n255\n"), .. pixels]);
            }
        }
        return folder.File(name);
    }

    public static byte[] Pixels(IDataset set)
    {
        var pixels = new byte[set.Count * set.Shape.Bytes];
        for (var i = 0; i < set.Count; i++) set.Read(i, pixels.AsSpan(i * set.Shape.Bytes, set.Shape.Bytes));
        return pixels;
    }

    public static int[] Labels(IDataset set) => [.. Enumerable.Range(0, set.Count).Select(set.Label)];

    public static byte[] Npy<T>(T[] values, params int[] shape)
        where T : unmanaged
    {
        using var stream = new MemoryStream();
        Data.Npy.Write<T>(stream, values, shape);
        return stream.ToArray();
    }
}
