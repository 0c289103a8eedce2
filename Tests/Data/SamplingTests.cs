using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class SamplingTests
{
    // 60 of class 0, 30 of class 1, 10 of class 2, mixed.
    private static readonly int[] s_labels = Array.ConvertAll(Enumerable.Range(0, 100).ToArray(),
        i => i % 10 == 9 ? 2 : i % 10 is 2 or 5 or 7 ? 1 : 0);

    [Test]
    public void Split_TenPercent_TakesItsPartOfEveryClass()
    {
        (int[] train, int[] validation) = StratifiedSplit.Draw(s_labels, 3, SplitSize.OfShare(0.1), 1);

        Assert.That(CountClasses(validation), Is.EqualTo(new[] { 6, 3, 1 }));
        Assert.That(CountClasses(train), Is.EqualTo(new[] { 54, 27, 9 }));
        Assert.That(train, Is.Ordered.Ascending);
        Assert.That(validation, Is.Ordered.Ascending);
        Assert.That(train.Concat(validation), Is.EquivalentTo(Enumerable.Range(0, 100)));
    }

    [Test]
    public void Split_SameSeed_IsTheSameAndAnotherSeedIsNot()
    {
        (_, int[] first) = StratifiedSplit.Draw(s_labels, 3, SplitSize.OfCount(20), 5);
        (_, int[] again) = StratifiedSplit.Draw(s_labels, 3, SplitSize.OfCount(20), 5);
        (_, int[] other) = StratifiedSplit.Draw(s_labels, 3, SplitSize.OfCount(20), 6);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [Test]
    public void Split_EveryImage_IsEquallyLikelyToBeSetAside()
    {
        var counts = new int[100];
        const int Seeds = 2000;

        for (ulong seed = 0; seed < Seeds; seed++)
            foreach (int i in StratifiedSplit.Draw(s_labels, 3, SplitSize.OfShare(0.1), seed).Validation) counts[i]++;

        // Binomial: mean 200, deviation 13.4; five of them.
        Assert.That(counts, Is.All.InRange(133, 267));
    }

    [TestCase(new[] { 3, 3, 3 }, 1, new[] { 1, 0, 0 })]
    [TestCase(new[] { 5, 3, 2 }, 5, new[] { 3, 1, 1 })]
    [TestCase(new[] { 1, 99 }, 50, new[] { 1, 49 })]
    [TestCase(new[] { 1, 98 }, 9, new[] { 0, 9 })]
    [TestCase(new[] { 0, 7 }, 7, new[] { 0, 7 })]
    public void Apportion_LargestRemainders_SumToTheTotal(int[] counts, int total, int[] expected)
    {
        Assert.That(StratifiedSplit.Apportion(counts, total), Is.EqualTo(expected));
    }

    [Test]
    public void Split_TwoClassesOfOneSize_AreDrawnIndependently()
    {
        int[] labels = [.. new int[50], .. Enumerable.Repeat(1, 50)];

        int[] chosen = StratifiedSplit.Draw(labels, 2, SplitSize.OfCount(40), 1).Validation;

        Assert.That(chosen[20..].Select(i => i - 50), Is.Not.EqualTo(chosen[..20]));
    }

    [Test]
    public void Split_TakingEverything_IsRefused()
    {
        Assert.Throws<DatasetException>(() => StratifiedSplit.Draw(s_labels, 3, SplitSize.OfCount(100), 1));
    }

    [TestCase("10%", 5000, 500)]
    [TestCase("12.5%", 100, 13)]
    [TestCase("0.1%", 12000, 12)]
    [TestCase("321", 5000, 321)]
    [TestCase("none", 5000, 0)]
    public void SplitSize_Text_IsRead(string text, int total, int expected)
    {
        SplitSize size = SplitSize.Parse(text);

        Assert.That(size.Of(total), Is.EqualTo(expected));
        Assert.That(SplitSize.Parse(size.ToString()), Is.EqualTo(size));
    }

    [TestCase("0")]
    [TestCase("-5")]
    [TestCase("0%")]
    [TestCase("100%")]
    [TestCase("1e1%")]
    [TestCase("ten")]
    [TestCase("")]
    public void SplitSize_OtherText_IsRefused(string text)
    {
        Assert.Throws<DatasetException>(() => SplitSize.Parse(text));
    }

    [Test]
    public void Imbalance_Exponential_KeepsTheCountsOfTheField()
    {
        // CIFAR-10-LT at ratio 0.01: the published per-class counts.
        int[] expected = [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50];
        Imbalance imbalance = Imbalance.Parse("exp:0.01", null) ?? throw new InvalidOperationException();

        for (int k = 0; k < 10; k++) Assert.That(imbalance.CountKept(k, 10, 5000), Is.EqualTo(expected[k]));
    }

    [Test]
    public void Imbalance_KeepAndExponential_Multiply()
    {
        Imbalance imbalance = Imbalance.Parse("exp:0.25", "2=0.5,0=0.1") ?? throw new InvalidOperationException();

        Assert.That(imbalance.Share(0, 3), Is.EqualTo(0.1));
        Assert.That(imbalance.Share(1, 3), Is.EqualTo(0.5));
        Assert.That(imbalance.Share(2, 3), Is.EqualTo(0.125));
    }

    [TestCase(0, 1.0)]
    [TestCase(5, 0.1)]
    [TestCase(10, 0.01)]
    public void Imbalance_OfRatio_SharesFallGeometrically(int k, double expected)
    {
        Imbalance imbalance = Imbalance.Of(0.01, null) ?? throw new InvalidOperationException();

        Assert.That(imbalance.Share(k, 11), Is.EqualTo(expected).Within(1e-15));
    }

    [Test]
    public void Imbalance_OfShares_OtherClassesKeepAll()
    {
        var keep = new Dictionary<int, double> { [3] = 0.2 };
        Imbalance imbalance = Imbalance.Of(null, keep) ?? throw new InvalidOperationException();

        Assert.That(imbalance.Share(3, 10), Is.EqualTo(0.2));
        Assert.That(imbalance.Share(4, 10), Is.EqualTo(1.0));
        Assert.That(Imbalance.Of(null, null), Is.Null);
    }

    [TestCase(0.0, 0, 0.5)]
    [TestCase(1.5, 0, 0.5)]
    [TestCase(double.NaN, 0, 0.5)]
    [TestCase(0.5, -1, 0.5)]
    [TestCase(0.5, 0, 1.5)]
    [TestCase(0.5, 0, double.NaN)]
    public void Imbalance_OfNumbersOutsideTheRules_IsRefused(double ratio, int k, double share)
    {
        var keep = new Dictionary<int, double> { [k] = share };

        Assert.Throws<ArgumentOutOfRangeException>(() => Imbalance.Of(ratio, keep));
    }

    [Test]
    public void Imbalance_ShareThatRoundsBelowAWholeNumber_LosesNoImage()
    {
        // 0.29 x 100 is 28.999999999999996 in double.
        Assert.That(Imbalance.Parse(null, "0=0.29")?.CountKept(0, 10, 100), Is.EqualTo(29));
        Assert.That(Imbalance.Parse(null, "0=0.299")?.CountKept(0, 10, 100), Is.EqualTo(29));
    }

    [TestCase("exp:0", null)]
    [TestCase("exp:1.5", null)]
    [TestCase("linear:0.5", null)]
    [TestCase("exp:", null)]
    [TestCase(null, "3")]
    [TestCase(null, "3=2")]
    [TestCase(null, "3=0.1,3=0.2")]
    [TestCase(null, "-1=0.5")]
    [TestCase(null, "")]
    [TestCase(null, "1=NaN")]
    public void Imbalance_TextOutsideTheRules_IsRefused(string? imbalance, string? keep)
    {
        Assert.Throws<DatasetException>(() => Imbalance.Parse(imbalance, keep));
    }

    [Test]
    public void Selection_SplitImbalanceAndLimits_ApplyInThatOrder()
    {
        MemoryDataset data = SampleFiles.Labelled(3, s_labels);
        var selection = new DataSelection
        {
            Imbalance = Imbalance.Parse(null, "0=0.5"), TrainLimit = 21, ValidationLimit = 5,
        };

        SelectedData selected = selection.Apply(data, 3);

        // 54, 27, 9 after the split; 27, 27, 9 after the imbalance; a third of those.
        Assert.That(CountClasses(Ids(selected.Train)), Is.EqualTo(new[] { 9, 9, 3 }));
        Assert.That(selected.Validation, Is.Not.Null);
        // 6, 3, 1 of ten: exactly 3, 1.5 and 0.5 of five, and the lower class wins a tie.
        Assert.That(CountClasses(Ids(selected.Validation)), Is.EqualTo(new[] { 3, 2, 0 }));
        Assert.That(Ids(selected.Train).Intersect(Ids(selected.Validation)), Is.Empty);
        Assert.That(selected.EmptiedClasses, Is.Empty);
    }

    [Test]
    public void Selection_ValidationSplit_DoesNotDependOnImbalanceOrTrainLimit()
    {
        MemoryDataset data = SampleFiles.Labelled(3, s_labels);

        Subset? plain = new DataSelection().Apply(data, 9).Validation;
        var changed = new DataSelection { Imbalance = Imbalance.Parse("exp:0.3", null), TrainLimit = 12 };
        Subset? other = changed.Apply(data, 9).Validation;

        Assert.That(Ids(other), Is.EqualTo(Ids(plain)));
    }

    [Test]
    public void Selection_SmallerShare_IsPartOfTheLarger()
    {
        MemoryDataset data = SampleFiles.Labelled(3, s_labels);

        int[] less = Ids(new DataSelection { Imbalance = Imbalance.Parse(null, "0=0.2") }.Apply(data, 4).Train);
        int[] more = Ids(new DataSelection { Imbalance = Imbalance.Parse(null, "0=0.7") }.Apply(data, 4).Train);

        Assert.That(less, Is.SubsetOf(more));
    }

    [Test]
    public void Selection_KeepZero_ReportsTheEmptiedClass()
    {
        MemoryDataset data = SampleFiles.Labelled(3, s_labels);

        SelectedData selected = new DataSelection { Imbalance = Imbalance.Parse(null, "2=0") }.Apply(data, 4);

        Assert.That(selected.EmptiedClasses, Is.EqualTo(new[] { 2 }));
        Assert.That(CountClasses(Ids(selected.Train)), Is.EqualTo(new[] { 54, 27, 0 }));
    }

    [Test]
    public void Selection_EmptyClassWithoutImbalance_IsRefused()
    {
        Assert.Throws<DatasetException>(() => new DataSelection().Apply(SampleFiles.Labelled(4, s_labels), 1));
        Assert.Throws<DatasetException>(
            () => new DataSelection { TrainLimit = 2 }.Apply(SampleFiles.Labelled(3, s_labels), 1));
        Assert.Throws<DatasetException>(() => new DataSelection { Imbalance = Imbalance.Parse(null, "3=0.5") }
            .Apply(SampleFiles.Labelled(3, s_labels), 1));
    }

    [Test]
    public void Selection_ValidationNone_TrainsOnEverything()
    {
        MemoryDataset data = SampleFiles.Labelled(3, s_labels);

        SelectedData selected = new DataSelection { Validation = SplitSize.None }.Apply(data, 1);

        Assert.That(selected.Validation, Is.Null);
        Assert.That(selected.Train.Count, Is.EqualTo(100));
    }

    [Test]
    public void Subset_OfASubset_KeepsPublishedSampleIds()
    {
        MemoryDataset data = SampleFiles.Labelled(3, s_labels);
        var subset = new Subset(new Subset(data, [90, 50, 9]), [2, 0]);
        var pixel = new byte[1];
        subset.Read(1, pixel);

        Assert.That(new[] { subset.SampleId(0), subset.SampleId(1) }, Is.EqualTo(new[] { 9, 90 }));
        Assert.That(subset.Label(0), Is.EqualTo(2));
        Assert.That(pixel[0], Is.EqualTo(90));
        Assert.That(Subset.First(subset, 1).SampleId(0), Is.EqualTo(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new Subset(data, [100]));
    }

    [Test]
    public void ClassIndex_Labels_GivesCountsMembersAndFrequencies()
    {
        var index = new ClassIndex([2, 0, 2, 2], 4);

        Assert.That(index.Members(2).ToArray(), Is.EqualTo(new[] { 0, 2, 3 }));
        Assert.That(index.Members(1).ToArray(), Is.Empty);
        Assert.That(index.Frequencies(), Is.EqualTo(new[] { 0.25, 0, 0.75, 0 }));
    }

    [Test]
    public void ChannelStatistics_RandomImages_AgreeWithTwoPassesInDouble()
    {
        var shape = new ImageShape(5, 4, 3);
        byte[] pixels = SampleFiles.Random(6 * shape.Bytes, 12);
        var data = new MemoryDataset("d", shape, ["a"], pixels, new int[6]);

        ChannelStatistics found = ChannelStatistics.Compute(data);

        for (int c = 0; c < 3; c++)
        {
            double[] values = pixels.Where((_, i) => i % 3 == c).Select(b => b / 255.0).ToArray();
            double mean = values.Average();
            Assert.That(found.Mean[c], Is.EqualTo(mean).Within(1e-14));
            Assert.That(found.Std[c],
                Is.EqualTo(Math.Sqrt(values.Average(v => (v - mean) * (v - mean)))).Within(1e-14));
        }
    }

    private static int[] Ids(Subset? subset) =>
        Enumerable.Range(0, subset?.Count ?? 0).Select(i => subset?.SampleId(i) ?? -1).ToArray();

    private static int[] CountClasses(int[] indices)
    {
        var counts = new int[3];
        foreach (int i in indices) counts[s_labels[i]]++;
        return counts;
    }
}
