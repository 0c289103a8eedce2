using System.Text.Json;
using Codat.Native.Data;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// <c>codat eval</c> on a data set of other sizes and classes. The images are those of the network's own test set in
/// disguise, so that what is found must be what is found there.
/// </summary>
internal sealed class EvalTransferTests : IDisposable
{
    private const int Side = 16, K = SmallData.Classes;

    /// <summary>Classes of the other data set: 1 has no counterpart, the others are those of the network.</summary>
    private static readonly int?[] s_map = [3, null, 0, 1, 2];

    private readonly TempFolder _folder = new();
    private string _checkpoint = "", _other = ""; // set before the first test

    [OneTimeSetUp]
    public void Train()
    {
        var images = SmallData.Images(seed: 5, train: 160, test: 40);
        var data = SmallData.Npz(_folder, "data", images);
        var run = _folder.File("run");
        Trainer.Run(TinyRun.Options(run, "dataset=npz", $"data={data}", "model=small-cnn", "batch=32",
            "train-limit=128", "val=32", "val-limit=30", "test-limit=40", "eps=0.02", "step=0.01", "steps=1", "epochs=4",
            "lr=0.05"));
        _checkpoint = Path.Combine(run, "best.safetensors");
        _other = Disguised(SyntheticDataset.Create(images, DatasetSplit.Test));
    }

    public void Dispose() => _folder.Dispose();

    [TestCase("[3, null, 0, 1, 2]")]
    [TestCase("{ \"0\": 3, \"2\": 0, \"3\": 1, \"4\": 2 }", Description = "a class that is not named is left out")]
    public void ClassMapAndResize_OwnImagesInDisguise_GiveTheirResults(string map)
    {
        // Without random starts, which follow the place of an image in its file.
        var own = Json("--attack", "clean,fgsm");

        var found = Json(Transfer(map, "--attack", "clean,fgsm"));

        Assert.That(found.GetProperty("n").GetInt32(), Is.EqualTo(40));
        Assert.That(Rows(own, "correct").SelectMany(r => r).Distinct().Count(), Is.GreaterThan(2), "nothing to mix up");
        Assert.That(Rows(found, "correct"), Is.EqualTo(Rows(own, "correct")));
        Assert.That(Rows(found, "n"), Is.EqualTo(Rows(own, "n")));
        foreach (var key in new[] { "average", "worst" })
            for (var i = 0; i < 2; i++)
                Assert.That(found.GetProperty("attacks")[i].GetProperty(key).GetDouble(),
                    Is.EqualTo(own.GetProperty("attacks")[i].GetProperty(key).GetDouble()).Within(1e-15), key);
    }

    [Test]
    public void ClassMap_ClassOfTheNetworkWithoutImages_CountsNowhere()
    {
        var own = Json("--attack", "clean").GetProperty("attacks")[0].GetProperty("perClass");

        var json = Json(Transfer("[null, null, 0, 1, 2]", "--attack", "clean"));

        var (row, kept) = (json.GetProperty("attacks")[0], own.EnumerateArray().Take(3).ToArray());
        Assert.That(json.GetProperty("n").GetInt32(), Is.EqualTo(30));
        Assert.That(row.GetProperty("average").GetDouble(),
            Is.EqualTo(kept.Sum(c => c.GetProperty("correct").GetInt32()) / 30.0).Within(1e-15));
        Assert.That(row.GetProperty("worst").GetDouble(),
            Is.EqualTo(kept.Min(c => c.GetProperty("accuracy").GetDouble())).Within(1e-15));
    }

    [TestCase("{ \"0\": 3, \"2\": 4 }", "class 2", "0 to 3 or null")]
    [TestCase("[3, null, -1]", "class 2", "0 to 3 or null")]
    [TestCase("[3, null, 0, 1", "cannot be read", "map.json")]
    [TestCase("[3, null, 0.5]", "cannot be read", "map.json")]
    [TestCase("{ \"0\": \"truck\" }", "cannot be read", "map.json")]
    [TestCase("{ \"0\": 1, \"0\": 2 }", "cannot be read", "map.json")]
    [TestCase("3", "cannot be read", "map.json")]
    [TestCase("", "cannot be read", "map.json")]
    [TestCase("null", "cannot be read", "map.json")]
    [TestCase("{ \"0\": 1, \"5\": 2 }", "the data set lacks", "0 to 4")]
    [TestCase("{ \"truck\": 1 }", "the data set lacks", "class truck")]
    [TestCase("[0, 1, 2, 3, 0, null]", "the data set lacks", "class 5")]
    [TestCase("[null, null]", "no images", "")]
    public void ClassMap_ThatIsNone_IsOneClearLine(string map, string reason, string more) =>
        Refused(Transfer(map, "--attack", "clean"), reason, more);

    [Test]
    public void ClassMap_FileNotThere_IsOneClearLine() =>
        Refused(["--dataset", "npz", "--data", _other, "--resize", "16", "--class-map", _folder.File("no.json")],
            "cannot be read", "no.json");

    [Test]
    public void OtherImages_WithoutMapOrSize_SayWhichToGive()
    {
        Refused(["--dataset", "npz", "--data", _other, "--resize", "16"], "another number of classes", "--class-map");
        Refused(["--dataset", "npz", "--data", _other], "do not fit the network", "--resize 16");
        Refused(Transfer("[0, 0, 0, 0, 0]", "--resize", "8"), "do not fit the network", "--resize 16");
    }

    private string[] Transfer(string map, params string[] more) =>
    [
        "--dataset", "npz", "--data", _other, "--class-map", _folder.Write("map.json", map),
        .. more.Contains("--resize") ? more : ["--resize", "16", .. more],
    ];

    private JsonElement Json(params string[] arguments)
    {
        var run = CliRun.Invoke(["eval", "--checkpoint", _checkpoint, "--json", "--quiet", .. arguments]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.Json;
    }

    private void Refused(string[] arguments, string reason, string more)
    {
        var run = CliRun.Invoke(["eval", "--checkpoint", _checkpoint, "--quiet", .. arguments]);

        Assert.That(run.ExitCode, Is.EqualTo(2), run.Error);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.Contain(reason).And.Contain(more));
    }

    private static int[][] Rows(JsonElement json, string key) =>
    [
        .. json.GetProperty("attacks").EnumerateArray().Select(a => a.GetProperty("perClass").EnumerateArray()
            .Select(c => c.GetProperty(key).GetInt32()).ToArray()),
    ];

    /// <summary>
    /// Every image with each of its pixels four times, under the number of its class in the other data set, and noise
    /// of the class without a counterpart between them.
    /// </summary>
    private string Disguised(MemoryDataset own)
    {
        var (pixels, labels) = (new List<byte>(), new List<int>());
        var image = new byte[own.Shape.Bytes];
        for (var i = 0; i < own.Count; i++)
        {
            own.Read(i, image);
            for (var y = 0; y < 2 * Side; y++)
                for (var x = 0; x < 2 * Side; x++)
                    pixels.AddRange(image.AsSpan((y / 2 * Side + x / 2) * 3, 3));
            labels.Add(Array.IndexOf(s_map, own.Label(i)));
            if (i % 3 != 0) continue;
            pixels.AddRange(SampleFiles.Random(4 * own.Shape.Bytes, i));
            labels.Add(1);
        }
        _folder.Write("other/test.npz", SampleFiles.NpzFile(
            ("x", SmallData.Npy<byte>([.. pixels], labels.Count, 2 * Side, 2 * Side, 3)),
            ("y", SmallData.Npy<int>([.. labels], labels.Count))));
        return _folder.File("other");
    }
}
