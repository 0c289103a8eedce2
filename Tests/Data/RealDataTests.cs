using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The published files themselves, where they lie beside the checkout.</summary>
internal sealed class RealDataTests
{
    [Test]
    public void Cifar10_Train_HasThePublishedCountsMeanAndDeviation()
    {
        MemoryDataset data = DatasetCatalog.Load("cifar10", SharedData.Folder, DatasetSplit.Train);

        ChannelStatistics statistics = ChannelStatistics.Compute(data);

        AssertCounts(data, 10, 5_000);
        Assert.That(statistics.Mean, Is.EqualTo(new[] { 0.49140, 0.48216, 0.44653 }).Within(0.5e-5));
        Assert.That(statistics.Std, Is.EqualTo(new[] { 0.24703, 0.24349, 0.26159 }).Within(0.5e-5));
        Assert.That(data.ClassNames[9], Is.EqualTo("truck"));
    }

    [Test]
    public void Cifar10_Test_HasTheRecordsOfTheFile()
    {
        MemoryDataset data = DatasetCatalog.Load("cifar10", SharedData.Folder, DatasetSplit.Test);
        byte[] file = File.ReadAllBytes(
            Path.Combine(SharedData.Folder, "cifar10", "cifar-10-batches-bin", "test_batch.bin"));
        var pixels = new byte[3072];
        data.Read(9_999, pixels);

        AssertCounts(data, 10, 1_000);
        Assert.That(data.ContentHash, Is.EqualTo("8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"));
        Assert.That(data.Label(9_999), Is.EqualTo(file[9_999 * 3073]));
        Assert.That(pixels[(5 * 32 + 7) * 3 + 1], Is.EqualTo(file[9_999 * 3073 + 1 + 1024 + 5 * 32 + 7]));
    }

    [Test]
    public void Cifar100_Test_HasFineLabelsInTheOrderOfTheNames()
    {
        MemoryDataset data = DatasetCatalog.Load("cifar100", SharedData.Folder, DatasetSplit.Test);
        string[] names = File.ReadAllLines(
            Path.Combine(SharedData.Folder, "cifar100", "cifar-100-binary", "fine_label_names.txt"));

        AssertCounts(data, 100, 100);
        Assert.That(data.ClassNames, Is.EqualTo(names.Where(n => n.Length > 0)));
    }

    [Test]
    public void Cifar100_TrainAbsent_SaysHowToGetIt()
    {
        // Outside of the assertion, which would take being skipped for a wrong exception.
        string folder = SharedData.Folder;

        Assert.That(() => DatasetCatalog.CheckFiles("cifar100", folder),
            Throws.TypeOf<DatasetException>().With.Message.Contains("no train.bin")
                .And.Message.Contains("data fetch cifar100"));
    }

    [Test]
    public void FashionMnist_BothSplits_HavePublishedCountsAndMean()
    {
        MemoryDataset train = DatasetCatalog.Load("fashion-mnist", SharedData.Folder, DatasetSplit.Train);
        MemoryDataset test = DatasetCatalog.Load("fashion-mnist", SharedData.Folder, DatasetSplit.Test);

        ChannelStatistics statistics = ChannelStatistics.Compute(train);

        AssertCounts(train, 10, 6_000);
        AssertCounts(test, 10, 1_000);
        // The figures everybody uses: 0.2860 and 0.3530.
        Assert.That(statistics.Mean[0], Is.EqualTo(0.2860).Within(0.00005));
        Assert.That(statistics.Std[0], Is.EqualTo(0.3530).Within(0.00005));
    }

    [Test]
    public void Mini_EveryTrainingImage_IsTheNextOfItsClassInTheOfficialFile()
    {
        MemoryDataset official = DatasetCatalog.Load("fashion-mnist", SharedData.Folder, DatasetSplit.Train);
        MemoryDataset mini = DatasetCatalog.Load("fashion-mnist-mini", null, DatasetSplit.Train);
        var taken = new int[10];
        var expected = new byte[784];
        var found = new byte[784];
        int next = 0;
        for (int i = 0; i < official.Count; i++)
        {
            int label = official.Label(i);
            if (taken[label]++ >= 1_200) continue;
            official.Read(i, expected);
            mini.Read(next, found);
            Assert.That(mini.Label(next), Is.EqualTo(label));
            Assert.That(found.AsSpan().SequenceEqual(expected), "image " + next);
            next++;
        }

        Assert.That(next, Is.EqualTo(mini.Count));
    }

    [TestCase("cifar10", 6)]
    [TestCase("fashion-mnist", 4)]
    public void Verify_PublishedFiles_AreVerified(string name, int files)
    {
        IReadOnlyList<FileCheck> checks = DatasetFetcher.Verify(name, SharedData.Folder);

        Assert.That(checks, Has.Count.EqualTo(files));
        Assert.That(checks.Select(c => c.Status), Is.All.EqualTo(FileStatus.Verified));
    }

    [Test]
    public void Verify_PartOfCifar100_TellsMissingFromVerified()
    {
        IReadOnlyList<FileCheck> checks = DatasetFetcher.Verify("cifar100", SharedData.Folder);

        Assert.That(checks.Select(c => c.Status), Is.EqualTo(new[] { FileStatus.Missing, FileStatus.Verified }));
    }

    private static void AssertCounts(MemoryDataset data, int classes, int each)
    {
        var index = ClassIndex.Of(data);
        Assert.That(data.Count, Is.EqualTo(classes * each));
        for (int k = 0; k < classes; k++) Assert.That(index.Count(k), Is.EqualTo(each));
    }
}
