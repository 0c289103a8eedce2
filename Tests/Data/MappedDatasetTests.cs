using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Another data set under the labels of a network: which images stay, and as what.</summary>
internal sealed class MappedDatasetTests
{
    // One pixel an image, which tells which image it is.
    private static readonly MemoryDataset s_source = new("other", new ImageShape(1, 1, 1), ["cat", "ape", "dog"],
        [10, 11, 12, 13, 14, 15], [0, 1, 2, 0, 2, 1]);

    [Test]
    public void Create_AMap_RelabelsAndLeavesOutWhatHasNoCounterpart()
    {
        var mapped = MappedDataset.Create(s_source, [2, null, 0], ["hound", "bird", "puss", "frog"], classes: 4);

        Assert.That(SmallData.Labels(mapped), Is.EqualTo(new[] { 2, 0, 2, 0 }));
        Assert.That(SmallData.Pixels(mapped), Is.EqualTo(new byte[] { 10, 12, 13, 14 }));
        Assert.That(Enumerable.Range(0, 4).Select(mapped.SampleId), Is.EqualTo(new[] { 0, 2, 3, 4 }),
            "attack starts follow the image, not its place among those that stay");
        Assert.That((mapped.Name, mapped.Shape), Is.EqualTo((s_source.Name, s_source.Shape)));
        Assert.That(mapped.ClassNames, Is.EqualTo(new[] { "hound", "bird", "puss", "frog" }));
        Assert.That(mapped.Classes, Is.EqualTo(4), "also those that no image is of");
    }

    [Test]
    public void Create_TwoClassesOntoOne_KeepsTheImagesOfBothInTheirOrder()
    {
        var mapped = MappedDataset.Create(s_source, [1, 0, 1], null, classes: 2);

        Assert.That(SmallData.Labels(mapped), Is.EqualTo(new[] { 1, 0, 1, 1, 1, 0 }));
        Assert.That(SmallData.Pixels(mapped), Is.EqualTo(SmallData.Pixels(s_source)));
        Assert.That(mapped.ClassNames, Is.EqualTo(new[] { "0", "1" }), "classes without names have their numbers");
    }

    [Test]
    public void Create_NothingMapped_IsEmpty() =>
        Assert.That(MappedDataset.Create(s_source, [null, null, null], null, classes: 2).Count, Is.Zero);

    [TestCase(2)]
    [TestCase(4)]
    public void Create_MapOfAnotherNumberOfClasses_IsRefused(int entries) =>
        Assert.That(() => MappedDataset.Create(s_source, new int?[entries], null, classes: 2),
            Throws.ArgumentException.With.Message.Contains($"{entries} entries for 3 classes"));

    // The orders are those of the data sets' own files.
    [Test]
    public void ShippedMap_OfStl10_JoinsTheClassesOfOneMeaning()
    {
        string[] stl = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"];
        string[] cifar =
            ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
        var path = Path.Combine(Checkout.Root, "Codat", "Plans", "maps", "stl10-cifar10.json");
        var map = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();

        Assert.That(map, Has.Count.EqualTo(stl.Length));
        for (var k = 0; k < stl.Length; k++)
        {
            var target = map[$"{k}"]?.GetValue<int>();
            var expected = stl[k] switch { "car" => "automobile", "monkey" => null, var same => same };
            Assert.That(target is { } t ? cifar[t] : null, Is.EqualTo(expected), stl[k]);
        }
    }
}
