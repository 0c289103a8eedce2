using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Data sets without official files: image folders, npz arrays, synthetic images.</summary>
internal sealed class UserDatasetTests
{
    [Test]
    public void Load_Folder_SortsClassesAndFilesAndMixesFormats()
    {
        using var folder = new TempFolder();
        folder.Write("train/b/1.png", Png.Encode([1, 2, 3, 4, 5, 6], new ImageShape(1, 2, 3)));
        folder.Write("train/b/0.ppm", [.. "P6 2 1 255\n"u8, 11, 12, 13, 14, 15, 16]);
        folder.Write("train/B/x.PNG", SampleFiles.PngFile(2, 1, 6, [0, 21, 22, 23, 255, 24, 25, 26, 255]));
        folder.Write("train/B/notes.txt", [1]);
        folder.Write("test/b/7.ppm", [.. "P6 2 1 255\n"u8, 31, 32, 33, 34, 35, 36]);

        MemoryDataset train = DatasetCatalog.Load("folder", folder.Path, DatasetSplit.Train);
        MemoryDataset test = DatasetCatalog.Load("folder", folder.Path, DatasetSplit.Test);

        Assert.That(train.ClassNames, Is.EqualTo(new[] { "B", "b" }));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new[] { 0, 1, 1 }));
        Assert.That(train.Pixels.ToArray(),
            Is.EqualTo(new byte[] { 21, 22, 23, 24, 25, 26, 11, 12, 13, 14, 15, 16, 1, 2, 3, 4, 5, 6 }));
        Assert.That((test.Classes, test.Label(0)), Is.EqualTo((2, 1)));
        Assert.That(train.ContentHash, Is.Not.EqualTo(test.ContentHash));
    }

    [Test]
    public void Load_FolderMovedImage_HasAnotherHash()
    {
        using var folder = new TempFolder();
        byte[] image = Png.Encode([1], new ImageShape(1, 1, 1));
        folder.Write("train/a/1.png", image);
        folder.Write("train/a/2.png", image);
        folder.Write("train/b/3.png", image);
        string before = DatasetCatalog.Load("folder", folder.Path, DatasetSplit.Train).ContentHash;

        File.Move(folder.File("train/a/2.png"), folder.File("train/b/2.png"));

        Assert.That(DatasetCatalog.Load("folder", folder.Path, DatasetSplit.Train).ContentHash,
            Is.Not.EqualTo(before));
    }

    [Test]
    public void Load_FolderOutsideTheRules_IsRefusedWithTheFile()
    {
        using var folder = new TempFolder();
        folder.Write("train/a/1.png", Png.Encode([1, 2], new ImageShape(1, 2, 1)));
        string larger = folder.Write("train/a/2.png", Png.Encode([1, 2, 3], new ImageShape(1, 3, 1)));
        AssertRefused("2.png");
        File.Delete(larger);
        string clear = folder.Write("train/a/3.png", SampleFiles.PngFile(1, 1, 6, [0, 1, 2, 3, 254]));
        AssertRefused("transparent");
        File.Delete(clear);
        string photo = folder.Write("train/a/4.jpg", [1]);
        AssertRefused("png, ppm or pgm");
        File.Delete(photo);
        folder.Write("test/c/1.png", Png.Encode([1, 2], new ImageShape(1, 2, 1)));
        Assert.That(() => DatasetCatalog.Load("folder", folder.Path, DatasetSplit.Test),
            Throws.TypeOf<DatasetException>().With.Message.Contains("no training images"));
        Assert.That(DatasetCatalog.Load("folder", folder.Path, DatasetSplit.Train).Count, Is.EqualTo(1));

        void AssertRefused(string reason) => Assert.That(
            () => DatasetCatalog.Load("folder", folder.Path, DatasetSplit.Train),
            Throws.TypeOf<DatasetException>().With.Message.Contains(reason));
    }

    [Test]
    public void Load_Npz_GivesPixelsAndLabelsOfAnyIntegerType([Values("|u1", "<i4", "<i8")] string type)
    {
        using var folder = new TempFolder();
        byte[] x = SampleFiles.Random(2 * 2 * 3, 5);
        int width = type[2] - '0';
        var labels = new byte[2 * width];
        labels[width] = 4;
        byte[] Npy(string descr, string shape, byte[] values) => SampleFiles.NpyFile(
            $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}", values);
        folder.Write("train.npz", SampleFiles.NpzFile(
            ("x", Npy("|u1", "(2, 2, 1, 3)", x)), ("y", Npy(type, "(2,)", labels))));
        folder.Write("test.npz", SampleFiles.NpzFile(
            ("x", Npy("|u1", "(1, 2, 1, 3)", x[..6])), ("y", Npy("|u1", "(1,)", [2]))));

        MemoryDataset train = DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Train);

        Assert.That(train.Pixels.ToArray(), Is.EqualTo(x));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new[] { 0, 4 }));
        Assert.That(train.Classes, Is.EqualTo(5), "the largest training label counts");
        Assert.That(train.Shape, Is.EqualTo(new ImageShape(2, 1, 3)));
        Assert.That(DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Test).Classes, Is.EqualTo(5));
    }

    [Test]
    public void Load_NpzTraining_NeverOpensTheTestFile()
    {
        using var folder = new TempFolder();
        folder.Write("train.npz", Labelled(0, 3));
        string test = folder.Write("test.npz", "no archive");

        Assert.That(DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Train).Classes, Is.EqualTo(4));
        Assert.Throws<DatasetException>(() => DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Test));

        File.Delete(test);
        Assert.That(DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Train).Classes, Is.EqualTo(4));
    }

    [Test]
    public void Load_NpzTestOfAClassWithoutTraining_IsRefusedWithTheImage()
    {
        using var folder = new TempFolder();
        folder.Write("test.npz", Labelled(1, 6));
        Assert.That(DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Test).Classes, Is.EqualTo(7), "alone it speaks for itself");

        folder.Write("train.npz", Labelled(0, 3));

        Assert.That(() => DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Test),
            Throws.TypeOf<DatasetException>().With.Message.Contains("no training images").And.Message.Contains("image 1"));
    }

    private static byte[] Labelled(params byte[] labels) => SampleFiles.NpzFile(
        ("x", SampleFiles.NpyFile($"{{'descr': '|u1', 'fortran_order': False, 'shape': ({labels.Length}, 1, 1, 1), }}", new byte[labels.Length])),
        ("y", SampleFiles.NpyFile($"{{'descr': '|u1', 'fortran_order': False, 'shape': ({labels.Length},), }}", labels)));

    [Test]
    public void Load_NpzWithOtherTypesOrShapes_IsRefused()
    {
        using var folder = new TempFolder();
        byte[] good = Array("|u1", "(1, 1, 1, 1)", [1]);
        AssertRefused(Array("<f4", "(1, 1, 1, 1)", new byte[4]), Array("|u1", "(1,)", [0]));
        AssertRefused(Array("|u1", "(1, 1)", [1]), Array("|u1", "(1,)", [0]));
        AssertRefused(Array("|u1", "(1, 1, 1, 2)", [1, 2]), Array("|u1", "(1,)", [0]));
        AssertRefused(good, Array("|u1", "(2,)", [0, 0]));
        AssertRefused(good, Array("<f8", "(1,)", new byte[8]));
        AssertRefused(good, Array("<i4", "(1,)", [255, 255, 255, 255]));
        AssertRefused(good, Array("<i4", "(1,)", [0, 0, 0, 1]));

        void AssertRefused(byte[] x, byte[] y)
        {
            folder.Write("train.npz", SampleFiles.NpzFile(("x", x), ("y", y)));
            Assert.Throws<DatasetException>(() => DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Train));
        }

        static byte[] Array(string descr, string shape, byte[] values) => SampleFiles.NpyFile(
            $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}", values);
    }

    [Test]
    public void Load_NothingThere_SaysWhatToGive([Values("folder", "npz")] string name)
    {
        using var folder = new TempFolder();

        Assert.That(() => DatasetCatalog.CheckFiles(name, folder.Path),
            Throws.TypeOf<DatasetException>().With.Message.Contains("--data DIR"));
    }

    [Test]
    public void Synthetic_SameSeed_IsTheSameAndSplitsDiffer()
    {
        MemoryDataset first = DatasetCatalog.Load("synthetic", null, DatasetSplit.Train, 3);

        Assert.That(DatasetCatalog.Load("synthetic", null, DatasetSplit.Train, 3).ContentHash,
            Is.EqualTo(first.ContentHash));
        Assert.That(DatasetCatalog.Load("synthetic", null, DatasetSplit.Train, 4).ContentHash,
            Is.Not.EqualTo(first.ContentHash));
        MemoryDataset test = DatasetCatalog.Load("synthetic", null, DatasetSplit.Test, 3);
        Assert.That(test.Pixels[..784].ToArray(), Is.Not.EqualTo(first.Pixels[..784].ToArray()));
        Assert.That(ClassIndex.Of(first).Frequencies(), Is.All.EqualTo(0.1));
    }

    [Test]
    public void Synthetic_Classes_CanBeToldApartAndTheLastAreHarder()
    {
        MemoryDataset data = SyntheticDataset.Create(SyntheticOptions.Default, DatasetSplit.Test);
        (int X, int Y)[] waves = SyntheticDataset.CreateWaves(10);
        var right = new int[10];
        var margin = new double[10];
        var pixels = new byte[784];
        for (int i = 0; i < data.Count; i++)
        {
            data.Read(i, pixels);
            double[] energy = Array.ConvertAll(waves, wave => Energy(pixels, wave));
            int label = data.Label(i);
            double rival = energy.Where((_, k) => k != label).Max();
            if (energy[label] > rival) right[label]++;
            margin[label] += (energy[label] - rival) / energy[label] / 100;
        }

        Assert.That(right, Is.All.GreaterThan(80), string.Join(' ', right));
        Assert.That(margin[6..].Max(), Is.LessThan(0.7 * margin[..6].Min()), string.Join(' ', margin));

        static double Energy(byte[] pixels, (int X, int Y) wave)
        {
            double real = 0, imaginary = 0, mean = pixels.Average(p => (double)p);
            for (int y = 0; y < 28; y++)
                for (int x = 0; x < 28; x++)
                {
                    (double sin, double cos) = Math.SinCos(2 * Math.PI * (x * wave.X + y * wave.Y) / 4096.0);
                    real += (pixels[y * 28 + x] - mean) * cos;
                    imaginary += (pixels[y * 28 + x] - mean) * sin;
                }

            return real * real + imaginary * imaginary;
        }
    }
}
