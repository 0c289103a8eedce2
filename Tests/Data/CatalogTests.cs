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
