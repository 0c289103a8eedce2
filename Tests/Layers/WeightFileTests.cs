using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Networks to files and back, bit for bit, and files as PyTorch's models write them.</summary>
internal sealed class WeightFileTests
{
    private static readonly string[] s_names = ["plane", "car \"x\"", "ünïcode"];

    private static IEnumerable<TestCaseData> Specs()
    {
        foreach (var (model, height, width, channels) in new[] { ("small-cnn", 28, 28, 1), ("small-cnn", 8, 12, 3),
            ("medium-cnn", 28, 28, 1), ("medium-cnn", 8, 12, 3), ("mlp", 28, 28, 1), ("mlp", 5, 7, 3),
            ("resnet18", 32, 32, 3), ("preact-resnet18", 32, 32, 3), ("wrn-10-1", 32, 32, 3), ("wrn-16-2", 28, 28, 1) })
        {
            yield return new TestCaseData(new NetworkSpec(model, height, width, channels, 3));
        }

        yield return new TestCaseData(new NetworkSpec("preact-resnet18", 32, 32, 3, 3) { FinalBatchNorm = false });
        yield return new TestCaseData(new NetworkSpec("wrn-34-10", 32, 32, 3, 3)).SetCategory("Slow");
    }

    [TestCaseSource(nameof(Specs))]
    public void Load_OfSaved_IsTheSameNetworkBitForBit(NetworkSpec bare)
    {
        var spec = bare with
        {
            Mean = [.. Enumerable.Range(0, bare.Channels).Select(c => 0.4914f - 0.1f * c)],
            Std = [.. Enumerable.Range(0, bare.Channels).Select(c => 1 / 3f + 0.01f * c)],
        };
        using var folder = new TempFolder();
        using var device = Device.Cpu();
        using var network = Network.Create(spec, device, seed: 5);
        FillBuffers(network);
        var path = folder.File("a.safetensors");

        var settings = new Dictionary<string, string> { ["dataset"] = "cifar10", ["codat.eps"] = "8/255" };
        WeightFile.Save(network, path, s_names, settings);
        var loaded = WeightFile.Load(path, device);
        using var copy = loaded.Network;

        Assert.That(copy.Weights.ToArray<float>(), Is.EqualTo(network.Weights.ToArray<float>()));
        Assert.That(copy.RunningStatistics?.ToArray<float>(), Is.EqualTo(network.RunningStatistics?.ToArray<float>()));
        Assert.That(copy.Spec, Is.EqualTo(spec));
        Assert.That(copy.Spec.Mean, Is.EqualTo(spec.Mean));
        Assert.That(copy.Spec.Std, Is.EqualTo(spec.Std));
        Assert.That(loaded.ClassNames, Is.EqualTo(s_names));
        Assert.That(loaded.Metadata["dataset"], Is.EqualTo("cifar10"));
        Assert.That(loaded.Metadata["codat.eps"], Is.EqualTo("8/255"));
        Assert.That(loaded.Notices, Is.Empty);
    }

    [Test]
    public void Save_SameNetworkTwice_GivesTheSameBytes()
    {
        using var folder = new TempFolder();
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("wrn-10-1", 32, 32, 3, 10), device, seed: 5);

        WeightFile.Save(network, folder.File("a"));
        WeightFile.Save(network, folder.File("b"));

        Assert.That(File.ReadAllBytes(folder.File("b")), Is.EqualTo(File.ReadAllBytes(folder.File("a"))));
    }

    [Test]
    public void Save_OfLoaded_WithItsExtra_GivesTheSameBytes()
    {
        using var folder = new TempFolder();
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("wrn-10-1", 32, 32, 3, 3), device, seed: 5);
        var settings = new Dictionary<string, string> { ["dataset"] = "cifar10", ["codat.eps"] = "8/255" };
        WeightFile.Save(network, folder.File("a"), s_names, settings);

        var loaded = WeightFile.Load(folder.File("a"), device);
        using var copy = loaded.Network;
        WeightFile.Save(copy, folder.File("b"), loaded.ClassNames, loaded.Extra);

        Assert.That(loaded.Extra, Is.EquivalentTo(settings));
        Assert.That(File.ReadAllBytes(folder.File("b")), Is.EqualTo(File.ReadAllBytes(folder.File("a"))));
    }

    [Test]
    public void Save_Doubles_KeepsEveryBit()
    {
        using var folder = new TempFolder();
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("medium-cnn", 8, 8, 1, 3), device, 5, DType.Float64);
        var path = folder.File("a.safetensors");

        WeightFile.Save(network, path);
        using var wide = WeightFile.Load(path, device, type: DType.Float64).Network;
        using var single = WeightFile.Load(path, device).Network;

        var weights = network.Weights.ToArray<double>();
        Assert.That(wide.Weights.ToArray<double>(), Is.EqualTo(weights));
        Assert.That(single.Weights.ToArray<float>(), Is.EqualTo(Array.ConvertAll(weights, w => (float)w)));
    }

    [TestCase("resnet18")]
    [TestCase("medium-cnn-rgb")]
    [TestCase("mlp")]
    [TestCase("wrn-10-2")]
    public void Save_RecordedWeights_LieInPyTorchsOrder(string name)
    {
        var golden = GoldenFile.Open("networks");
        var extents = golden.Integers($"{name}/images");
        using var folder = new TempFolder();
        using var runner = NetworkRunner.For(name, extents[1], extents[2], DType.Float32);
        var path = folder.File("a.safetensors");

        WeightFile.Save(runner.Network, path);

        using var file = SafeTensorsFile.Open(path);
        var expected = golden.Parameters(name).Concat(golden.Buffers(name)).ToList();
        Assert.That(file.Tensors.Select(t => t.Name), Is.EquivalentTo(expected.Select(e => e.Name)));
        foreach (var (tensor, shape) in expected)
        {
            Assert.That(file.TryGet(tensor, out var entry), tensor);
            Assert.That(entry!.Shape, Is.EqualTo(Array.ConvertAll(shape, s => (long)s)), tensor);
            Assert.That(file.Read<float>(tensor), Is.EqualTo(GoldenValues.State(tensor, shape, Gain(name))), tensor);
        }
    }

    [TestCase("small-cnn")]
    [TestCase("medium-cnn")]
    [TestCase("medium-cnn-rgb")]
    [TestCase("mlp")]
    [TestCase("mlp-rgb")]
    [TestCase("resnet18")]
    [TestCase("preact-resnet18")]
    [TestCase("wrn-16-2")]
    public void Load_ForeignFile_GivesPyTorchsLogits(string name)
    {
        var golden = GoldenFile.Open("networks");
        using var folder = new TempFolder();
        using var runner = new GraphRunner(DType.Float32);
        var path = WriteTorchLike(folder, golden, name, "module.", counters: true);

        var spec = WeightFile.InferSpec(path, NetworkRunner.ModelOf(name), 10);
        var loaded = WeightFile.Load(path, runner.Device, spec);
        using var network = loaded.Network;

        var e = golden.Integers($"{name}/images");
        var images = runner.Put(new Shape(e[0], e[2], e[3], e[1]),
            TorchOrder.ChannelsLast(GoldenValues.Widen(golden.Images(name)), e[0], e[1], e[2], e[3]));
        var logits = runner.Run(graph =>
            [network.Forward(new ForwardContext(graph, ForwardMode.Eval), graph.Bind(images))])[0];
        Assert.That((spec.Height, spec.Width, spec.Channels), Is.EqualTo((e[2], e[3], e[1])));
        GoldenCheck.Close(logits, golden.Doubles($"{name}/eval/logits"), GoldenCheck.NetworkTolerance, name);
        Assert.That(loaded.Metadata, Is.Empty);
        Assert.That(loaded.ClassNames, Is.Null);
        Assert.That(loaded.Notices, Has.Some.Contains("'module.'"));
    }

    [Test]
    public void Load_OtherFloatingPointTypes_AreConverted()
    {
        using var folder = new TempFolder();
        using var device = Device.Cpu();
        var writer = new SafeTensorsWriter();
        double[] fc1 = [.. Enumerable.Range(0, 256 * 4).Select(i => i / 1024.0)];
        writer.Add("fc1.weight", [256, 4], fc1);
        writer.Add<Half>("fc1.bias", SafeTensorType.F16, [256], Enumerable.Repeat((Half)0.1, 256).ToArray());
        var oneAndAHalf = Enumerable.Repeat((ushort)0x3FC0, 128 * 256).ToArray();
        writer.Add<ushort>("fc2.weight", SafeTensorType.BF16, [128, 256], oneAndAHalf);
        writer.Add("fc2.bias", [128], new float[128]);
        writer.Add("fc3.weight", [2, 128], new double[256]);
        writer.Add("fc3.bias", [2], new float[] { 1, -2 });
        var path = folder.File("a.safetensors");
        writer.Save(path);

        using var network = WeightFile.Load(path, device, new NetworkSpec("mlp", 2, 2, 1, 2)).Network;

        float[] Values(string name) => network.Parameters.First(p => p.Name == name).Parameter.Value.ToArray<float>();
        Assert.That(Values("fc1.weight"), Is.EqualTo(Array.ConvertAll(fc1, v => (float)v)));
        Assert.That(Values("fc1.bias"), Is.All.EqualTo((float)(Half)0.1));
        Assert.That(Values("fc2.weight"), Is.All.EqualTo(1.5f));
        Assert.That(Values("fc3.bias"), Is.EqualTo(new[] { 1f, -2f }));
    }

    [TestCase("mlp", 784, 28, 28, 1)]
    [TestCase("mlp", 3072, 32, 32, 3)]
    [TestCase("mlp", 12288, 64, 64, 3)]
    public void InferSpec_Mlp_TellsImagesFromColumns(string model, int columns, int height, int width, int channels)
    {
        using var folder = new TempFolder();
        var writer = new SafeTensorsWriter();
        writer.Add("fc1.weight", [1, columns], new float[columns]);
        writer.Save(folder.File("a"));

        var spec = WeightFile.InferSpec(folder.File("a"), model, 10, mean: new float[channels]);

        Assert.That((spec.Height, spec.Width, spec.Channels), Is.EqualTo((height, width, channels)));
        Assert.That(spec.Std, Is.All.EqualTo(1f));
    }

    [TestCase(1, 3136, 28)]
    [TestCase(3, 4096, 32)]
    [TestCase(3, 16384, 64)]
    public void InferSpec_MediumCnn_TellsTheSideFromColumns(int channels, int columns, int side)
    {
        using var folder = new TempFolder();
        var writer = new SafeTensorsWriter();
        writer.Add("conv1.weight", [1, channels, 1, 1], new float[channels]);
        writer.Add("fc1.weight", [1, columns], new float[columns]);
        writer.Save(folder.File("a"));

        var spec = WeightFile.InferSpec(folder.File("a"), "medium-cnn", 10);

        Assert.That((spec.Height, spec.Width, spec.Channels), Is.EqualTo((side, side, channels)));
    }

    [Test]
    public void Load_PreActWithoutFinalBatchNorm_RunsWithoutItAndSaysSo()
    {
        using var folder = new TempFolder();
        using var device = Device.Cpu();
        var path = WriteTorchLike(
            folder, GoldenFile.Open("networks"), "preact-resnet18", "", counters: false,
            name => !name.StartsWith("bn.", StringComparison.Ordinal));

        var spec = WeightFile.InferSpec(path, "preact-resnet18", 10);
        var loaded = WeightFile.Load(path, device, new NetworkSpec("preact-resnet18", 32, 32, 3, 10));
        using var network = loaded.Network;
        WeightFile.Save(network, folder.File("stamped"));
        var again = WeightFile.Load(folder.File("stamped"), device);
        using var copy = again.Network;

        Assert.That(spec.FinalBatchNorm, Is.False);
        Assert.That(network.Spec.FinalBatchNorm, Is.False);
        Assert.That(loaded.Notices, Has.Exactly(1).Contains("final batch norm"));
        Assert.That(copy.Spec.FinalBatchNorm, Is.False);
        Assert.That(again.Notices, Is.Empty);
    }

    [Test]
    public void Load_UnusedBlockOfTradesWideResNet_IsLeftOutWithANotice()
    {
        using var folder = new TempFolder();
        using var device = Device.Cpu();
        var golden = GoldenFile.Open("networks");
        var path = WriteTorchLike(folder, golden, "wrn-10-1", "module.", counters: true, extra: writer =>
        {
            writer.Add("module.sub_block1.layer.0.conv1.weight", [2, 2, 1, 1], new float[4]);
            writer.Add("module.sub_block1.layer.0.bn1.weight", [2], new float[2]);
        });
        var elsewhere = WriteTorchLike(folder, golden, "wrn-10-1", "", counters: false,
            extra: writer => writer.Add("block1.sub_block1.bias", [2], new float[2]), file: "elsewhere.safetensors");

        var loaded = WeightFile.Load(path, device, WeightFile.InferSpec(path, "wrn-10-1", 10));
        loaded.Network.Dispose();

        Assert.That(loaded.Notices, Has.Exactly(1).Contains("2 tensors 'sub_block1.*'"));
        Assert.That(loaded.Notices, Has.Exactly(1).Contains("num_batches_tracked"));
        Assert.That(loaded.Notices, Has.Count.EqualTo(3));
        Assert.That(() => WeightFile.Load(elsewhere, device, loaded.Network.Spec),
            Throws.TypeOf<CodatException>().With.Message.Contains("block1.sub_block1.bias [2] is unknown"));
    }

    private static double Gain(string name) => GoldenValues.Gain(NetworkRunner.ModelOf(name));

    private static void FillBuffers(Network network)
    {
        foreach (var (name, buffer) in network.Buffers)
            buffer.Value.CopyFrom<float>(GoldenValues.State(name + "_var", [(int)buffer.Shape.Count]));
    }

    /// <summary>A state dict as a training code leaves it: PyTorch's order, a prefix, counters.</summary>
    private static string WriteTorchLike(
        TempFolder folder, GoldenFile golden, string name, string prefix, bool counters,
        Func<string, bool>? keep = null, Action<SafeTensorsWriter>? extra = null,
        string file = "foreign.safetensors")
    {
        var writer = new SafeTensorsWriter();
        foreach (var (tensor, shape) in golden.Parameters(name).Concat(golden.Buffers(name)))
        {
            if (keep?.Invoke(tensor) == false) continue;
            var values = GoldenValues.State(tensor, shape, Gain(name));
            writer.Add(prefix + tensor, Array.ConvertAll(shape, s => (long)s), values);
            if (!counters || !tensor.EndsWith("running_var", StringComparison.Ordinal)) continue;
            var counter = tensor.Replace("running_var", "num_batches_tracked", StringComparison.Ordinal);
            writer.Add(prefix + counter, [], new long[] { 7 });
        }

        extra?.Invoke(writer);
        var path = folder.File(file);
        writer.Save(path);
        return path;
    }
}
