using System.Security.Cryptography;
using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class CatalogTests
{
    [Test]
    public void Get_UnknownName_ListsTheKnownOnes()
    {
        var error = Assert.Throws<DatasetException>(() => DatasetCatalog.Get("cifar11"));

        Assert.That(error?.Message, Does.Contain("cifar11").And.Contain("cifar100").And.Contain("fashion-mnist-mini"));
    }

    [TestCase("/own", "/share", "/own")]
    [TestCase(null, "/share", "/share/codat")]
    [TestCase("", "/share", "/share/codat")]
    public void DefaultFolder_Environment_IsAskedInOrder(string? own, string? share, string expected)
    {
        string folder = DatasetCatalog.ChooseDefaultFolder(name => name == "CODAT_DATA" ? own : share);

        Assert.That(folder.Replace('\\', '/'), Is.EqualTo(expected));
    }

    [TestCase(null)]
    [TestCase("relative/path")]
    public void DefaultFolder_NothingSet_IsInTheApplicationData(string? share)
    {
        string folder = DatasetCatalog.ChooseDefaultFolder(name => name == "CODAT_DATA" ? null : share);

        Assert.That(folder, Does.EndWith("codat"));
        Assert.That(folder, Does.Not.Contain("relative"));
    }

    [Test]
    public void Mini_BesideTheProgram_LoadsWhateverFolderIsGiven()
    {
        MemoryDataset train = DatasetCatalog.Load("fashion-mnist-mini", "/nowhere", DatasetSplit.Train);
        MemoryDataset test = DatasetCatalog.Load("fashion-mnist-mini", null, DatasetSplit.Test);

        Assert.That(train.Count, Is.EqualTo(12_000));
        Assert.That(test.Count, Is.EqualTo(10_000));
        Assert.That(train.Shape, Is.EqualTo(new ImageShape(28, 28, 1)));
        Assert.That(ClassCounts(train), Is.All.EqualTo(1_200));
        Assert.That(ClassCounts(test), Is.All.EqualTo(1_000));
        Assert.That(train.ClassNames[9], Is.EqualTo("Ankle boot"));
        Assert.That(File.Exists(Path.Combine(DatasetCatalog.Find("fashion-mnist-mini", null), "LICENSE.txt")));
    }

    [Test]
    public void Mini_EveryFile_HasItsChecksum()
    {
        IReadOnlyList<FileCheck> checks = DatasetFetcher.Verify("fashion-mnist-mini", null);

        Assert.That(checks, Has.Count.EqualTo(4));
        Assert.That(checks.Select(c => c.Status), Is.All.EqualTo(FileStatus.Verified));
    }

    [Test]
    public void Mini_ContentHash_IsThatOfTheFilesOneAfterTheOther()
    {
        string folder = DatasetCatalog.Find("fashion-mnist-mini", null);
        byte[] files =
        [
            .. File.ReadAllBytes(Path.Combine(folder, "train-images-idx3-ubyte.gz")),
            .. File.ReadAllBytes(Path.Combine(folder, "train-labels-idx1-ubyte.gz")),
        ];

        string hash = DatasetCatalog.Load("fashion-mnist-mini", null, DatasetSplit.Train).ContentHash;

        Assert.That(hash, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(files))));
    }

    [Test]
    public void CheckFiles_FilesMissingAndShort_ListsAllWithTheRemedy()
    {
        using var folder = new TempFolder();
        folder.Write("data_batch_1.bin", new byte[100]);

        var error = Assert.Throws<DatasetException>(() => DatasetCatalog.CheckFiles("cifar10", folder.Path));

        Assert.That(error?.Found, Does.Contain("data_batch_1.bin with 100 bytes instead of 30,730,000")
            .And.Contain("no data_batch_2.bin").And.Contain("no test_batch.bin"));
        Assert.That(error?.Fix, Does.Contain("codat data fetch cifar10"));
        Assert.That(error?.Where, Is.EqualTo(folder.Path));
        Assert.That(error?.IsUsage, Is.True);
    }

    [Test]
    public void CheckFiles_TestSplitOnly_AsksForTestFilesOnly()
    {
        using var folder = new TempFolder();
        Sparse(folder.File("test.bin"), 30_740_000);

        Assert.That(DatasetCatalog.CheckFiles("cifar100", folder.Path, DatasetSplit.Test), Is.EqualTo(folder.Path));
        Assert.That(() => DatasetCatalog.CheckFiles("cifar100", folder.Path, DatasetSplit.Train),
            Throws.TypeOf<DatasetException>().With.Message.Contains("no train.bin")
                .And.Message.Not.Contains("test.bin"));
    }

    [TestCase("")]
    [TestCase("cifar100")]
    [TestCase("cifar-100-binary")]
    [TestCase("cifar100/cifar-100-binary")]
    public void Find_AnyPlaceOfTheConvention_IsFound(string place)
    {
        using var folder = new TempFolder();
        string expected = Path.Combine(folder.Path, place);
        folder.Write(Path.Combine(place, "test.bin"), []);

        Assert.That(DatasetCatalog.Find("cifar100", folder.Path).TrimEnd('/'), Is.EqualTo(expected.TrimEnd('/')));
    }

    [Test]
    public void Load_IdxUnpacked_IsAccepted()
    {
        using var folder = new TempFolder();
        folder.Write("t10k-images-idx3-ubyte", SampleFiles.IdxImages(10_000, 28, 28, new byte[7_840_000]));
        var labels = new byte[10_000];
        labels[3] = 9;
        folder.Write("t10k-labels-idx1-ubyte", SampleFiles.IdxLabels(labels));

        MemoryDataset data = DatasetCatalog.Load("fashion-mnist", folder.Path, DatasetSplit.Test);

        Assert.That(data.Label(3), Is.EqualTo(9));
    }

    [Test]
    public void Load_Stl_ReadsBothFiles()
    {
        using var folder = new TempFolder();
        var labels = new byte[8000];
        Array.Fill(labels, (byte)10);
        folder.Write("stl10_binary/test_y.bin", labels);
        Sparse(folder.File("stl10_binary/test_X.bin"), 221_184_000);

        MemoryDataset data = DatasetCatalog.Load("stl10", folder.Path, DatasetSplit.Test);

        Assert.That((data.Count, data.Shape, data.Label(7999)), Is.EqualTo((8000, new ImageShape(64, 64, 3), 9)));
        Assert.That(data.ClassNames[9], Is.EqualTo("truck"));
    }

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
            ("x", Npy("|u1", "(1, 2, 1, 3)", x[..6])), ("y", Npy("|u1", "(1,)", [6]))));

        MemoryDataset train = DatasetCatalog.Load("npz", folder.Path, DatasetSplit.Train);

        Assert.That(train.Pixels.ToArray(), Is.EqualTo(x));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new[] { 0, 4 }));
        Assert.That(train.Classes, Is.EqualTo(7), "the largest label of both files counts");
        Assert.That(train.Shape, Is.EqualTo(new ImageShape(2, 1, 3)));
    }

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
        Assert.That(ClassCounts(first), Is.All.EqualTo(400));
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

    [Test]
    public void MemoryDataset_LabelOrLengthOutOfRange_IsRefused()
    {
        var shape = new ImageShape(1, 1, 1);

        Assert.Throws<DatasetException>(() => _ = new MemoryDataset("d", shape, ["a"], new byte[1], [1]));
        Assert.Throws<ArgumentException>(() => _ = new MemoryDataset("d", shape, ["a"], new byte[2], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new MemoryDataset("d", shape, ["a"], new byte[1], [0]).Read(1, new byte[1]));
    }

    private static int[] ClassCounts(MemoryDataset data)
    {
        var index = ClassIndex.Of(data);
        return Enumerable.Range(0, data.Classes).Select(index.Count).ToArray();
    }

    private static void Sparse(string path, long length)
    {
        using FileStream stream = File.Create(path);
        stream.SetLength(length);
    }
}
