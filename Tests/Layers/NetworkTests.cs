using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Structure of the networks: parameters, names, wrong sizes.</summary>
internal sealed class NetworkTests
{
    [TestCase("resnet18", 3, 32, 11_173_962)]
    [TestCase("preact-resnet18", 3, 32, 11_172_170)]
    [TestCase("wrn-28-10", 3, 32, 36_479_194)]
    [TestCase("wrn-34-10", 3, 32, 46_160_474)]
    [TestCase("medium-cnn", 1, 28, 467_818)]
    [TestCase("small-cnn", 1, 28, 23_946)]
    [TestCase("mlp", 1, 28, 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10)]
    public void CreateModule_KnownModel_HasThePublishedNumberOfParameters(
        string model, int channels, int side, long expected)
    {
        var module = new NetworkSpec(model, side, side, channels, 10).CreateModule();

        var count = module.Parameters().Sum(p => p.Parameter.Shape.Count);

        Assert.That(count, Is.EqualTo(expected));
    }

    [TestCase("small-cnn")]
    [TestCase("small-cnn-rgb")]
    [TestCase("medium-cnn")]
    [TestCase("medium-cnn-rgb")]
    [TestCase("mlp")]
    [TestCase("mlp-rgb")]
    [TestCase("resnet18")]
    [TestCase("preact-resnet18")]
    [TestCase("wrn-10-1")]
    [TestCase("wrn-16-2")]
    [TestCase("wrn-28-10")]
    [TestCase("wrn-34-10")]
    public void CreateModule_KnownModel_HasPyTorchsNamesAndShapes(string name)
    {
        var file = GoldenFile.Open("networks");
        var images = file.Integers($"{name}/images");
        var module = new NetworkSpec(NetworkRunner.ModelOf(name), images[2], images[3], images[1], 10).CreateModule();

        var parameters = module.Parameters().Select(p => Describe(p.Name, TorchOrder.ShapeOf(p.Parameter)));
        var buffers = module.Buffers().SelectMany(b => new[]
        {
            Describe(b.Name + "_mean", [b.Parameter.Shape[1]]), Describe(b.Name + "_var", [b.Parameter.Shape[1]]),
        });

        Assert.That(parameters, Is.EquivalentTo(file.Parameters(name).Select(p => Describe(p.Name, p.Shape))));
        Assert.That(buffers, Is.EquivalentTo(file.Buffers(name).Select(b => Describe(b.Name, b.Shape))));
    }

    [Test]
    public void CreateModule_PreActWithoutFinalBatchNorm_LacksOnlyThat()
    {
        var spec = new NetworkSpec("preact-resnet18", 32, 32, 3, 10);

        var with = spec.CreateModule().Parameters().Select(p => p.Name);
        var without = (spec with { FinalBatchNorm = false }).CreateModule().Parameters().Select(p => p.Name);

        Assert.That(with.Except(without), Is.EquivalentTo(new[] { "bn.weight", "bn.bias" }));
    }

    [TestCase("resnet19", 32, 32, 3, 10, "unknown network")]
    [TestCase("wrn-11-2", 32, 32, 3, 10, "unknown network")]
    [TestCase("wrn-4-2", 32, 32, 3, 10, "unknown network")]
    [TestCase("wrn-16-0", 32, 32, 3, 10, "unknown network")]
    [TestCase("wrn-16", 32, 32, 3, 10, "unknown network")]
    [TestCase("wrn-+16-2", 32, 32, 3, 10, "unknown network")]
    [TestCase("", 32, 32, 3, 10, "unknown network")]
    [TestCase("small-cnn", 30, 32, 3, 10, "divisible by 4")]
    [TestCase("medium-cnn", 32, 33, 3, 10, "divisible by 4")]
    [TestCase("resnet18", 0, 32, 3, 10, "sizes are not valid")]
    [TestCase("resnet18", 32, 32, 0, 10, "sizes are not valid")]
    [TestCase("mlp", 32, 32, 3, 1, "sizes are not valid")]
    [TestCase("mlp", 65536, 65536, 65536, 10, "sizes are not valid")]
    [TestCase("mlp", 32, 32, 3, 70000, "sizes are not valid")]
    public void CreateModule_WrongSpec_SaysWhatIsWrong(
        string model, int height, int width, int channels, int classes, string expected)
    {
        var spec = new NetworkSpec(model, height, width, channels, classes);

        Assert.That(spec.CreateModule, Throws.TypeOf<CodatException>().With.Message.Contains(expected));
    }

    [Test]
    public void CreateModule_WrongNormalisation_SaysSo()
    {
        var spec = new NetworkSpec("resnet18", 32, 32, 3, 10);
        float[][] wrongStd = [[1, 1], [1, 0, 1], [1, -1, 1], [1, float.NaN, 1]];

        foreach (var std in wrongStd)
        {
            Assert.That((spec with { Std = std }).CreateModule,
                Throws.TypeOf<CodatException>().With.Message.Contains("mean and std"), string.Join(' ', std));
        }

        Assert.That((spec with { Mean = [0.5f] }).CreateModule,
            Throws.TypeOf<CodatException>().With.Message.Contains("mean and std"));
        Assert.That((spec with { Mean = [0.5f, float.NaN, 0.5f] }).CreateModule,
            Throws.TypeOf<CodatException>().With.Message.Contains("mean and std"));
        Assert.That((spec with { Std = [1, float.PositiveInfinity, 1] }).CreateModule,
            Throws.TypeOf<CodatException>().With.Message.Contains("mean and std"));
    }

    [Test]
    public void Equals_SpecsOfOneContent_AreEqual()
    {
        static NetworkSpec Make(float mean) => new("resnet18", 32, 32, 1, 10) { Mean = [mean], Std = [0.5f] };

        var spec = Make(0.25f);

        Assert.That(Make(0.25f), Is.EqualTo(spec));
        Assert.That(Make(0.25f).GetHashCode(), Is.EqualTo(spec.GetHashCode()));
        NetworkSpec[] others = [Make(0.26f), spec with { Std = [0.6f] }, spec with { Model = "mlp" },
            spec with { Height = 28 }, spec with { Width = 28 }, spec with { Classes = 3 },
            spec with { FinalBatchNorm = false }, new NetworkSpec("resnet18", 32, 32, 1, 10)];
        Assert.That(others, Has.None.EqualTo(spec));
    }

    [Test]
    public void Forward_ImagesOfAnotherSize_SaysWhatItTakes()
    {
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("small-cnn", 28, 28, 1, 10), device, 0);
        using var images = device.Allocate(DType.Float32, new Shape(2, 32, 32, 3));
        var graph = new GraphBuilder();

        Assert.That(() => network.Forward(new ForwardContext(graph, ForwardMode.Eval), graph.Bind(images)),
            Throws.TypeOf<ShapeException>().With.Message.Contains("28,28,1"));
    }

    [Test]
    public void Weights_OfEveryParameter_LieInOneArenaApartFromEachOther()
    {
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("wrn-10-1", 32, 32, 3, 10), device, 0);
        var parameters = network.Parameters;

        for (var i = 0; i < parameters.Count; i++)
        {
            var count = parameters[i].Parameter.Shape.Count;
            parameters[i].Parameter.Value.CopyFrom<float>(Enumerable.Repeat(i + 1f, (int)count).ToArray());
        }

        var arena = network.Weights.ToArray<float>();
        for (var i = 0; i < parameters.Count; i++)
        {
            var (name, parameter) = parameters[i];
            Assert.That(arena.Count(v => v == i + 1f), Is.EqualTo(parameter.Shape.Count), name);
            Assert.That(parameter.Value.Name, Is.EqualTo(name));
        }

        Assert.That(arena.Count(v => v != 0), Is.EqualTo(network.ParameterCount), "padding stays zero");
    }

    [Test]
    public void RunningStatistics_WithoutBatchNorm_AreAbsent()
    {
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("mlp", 8, 8, 1, 3), device, 0);

        Assert.That(network.RunningStatistics, Is.Null);
        Assert.That(network.Buffers, Is.Empty);
    }

    private static string Describe(string name, int[] shape) => $"{name}:{string.Join(',', shape)}";
}
