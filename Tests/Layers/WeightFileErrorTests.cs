using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Weight files that do not fit: every message says what, where and how to fix it.</summary>
internal sealed class WeightFileErrorTests
{
    private static readonly NetworkSpec s_mlp = new("mlp", 2, 2, 1, 2);

    private TempFolder _folder = null!;
    private CpuDevice _device = null!;

    [SetUp]
    public void SetUp() => (_folder, _device) = (new TempFolder(), Device.Cpu(new CpuOptions { Threads = 1 }));

    [TearDown]
    public void TearDown()
    {
        _folder.Dispose();
        _device.Dispose();
    }

    [Test]
    public void Load_MissingFile_NamesIt()
    {
        var error = Fails(() => WeightFile.Load(_folder.File("none.safetensors"), _device));

        Assert.That(error.Message, Does.Contain("none.safetensors"));
        Assert.That(error.IsUsage);
    }

    [Test]
    public void Load_ForeignFileWithoutSpec_AsksForModelAndClasses()
    {
        var path = Write(Mlp());

        var error = Fails(() => WeightFile.Load(path, _device));

        Assert.That(error.Message, Does.Contain(path).And.Contain("codat.model"));
        Assert.That(error.Fix, Does.Contain("model and classes"));
        Assert.That(Fails(() => WeightFile.ReadSpec(path)).Message, Is.EqualTo(error.Message));
    }

    [Test]
    public void Load_MissingWrongUnknown_AreListedInOneMessage()
    {
        var tensors = Mlp();
        tensors.Remove("fc1.bias");
        tensors["fc3.weight"] = ([3, 128], 0);
        tensors["extra.weight"] = ([4], 0);
        var path = Write(tensors, writer => writer.Add("fc9.steps", [], new long[] { 1 }));

        var error = Fails(() => WeightFile.Load(path, _device, s_mlp));

        Assert.That(error.Where, Is.EqualTo(path));
        Assert.That(error.Found!.Split("; "), Is.EquivalentTo(new[]
        {
            "fc1.bias is missing", "fc3.weight is [3, 128], not [2, 128]", "extra.weight [4] is unknown",
            "fc9.steps [] is unknown",
        }));
        Assert.That(error.Expected, Does.Contain("mlp for 2 classes and 2x2x1"));
        Assert.That(error.Message, Does.Not.Contain("\n"));
    }

    [Test]
    public void Load_ManyProblems_ShowsEightAndCountsTheRest()
    {
        var path = Write([]);

        var error = Fails(() => WeightFile.Load(path, _device, new NetworkSpec("resnet18", 32, 32, 3, 10)));

        var parts = error.Found!.Split("; ");
        // 62 parameters and 40 running statistics.
        Assert.That(parts, Has.Length.EqualTo(9));
        Assert.That(parts[..8], Has.All.EndsWith("is missing"));
        Assert.That(parts[8], Is.EqualTo("and 94 more"));
    }

    [TestCase(9, 9)]
    [TestCase(8, 8)]
    public void Load_AtTheCap_CountsRight(int unknown, int shownParts)
    {
        var tensors = Mlp();
        for (var i = 0; i < unknown; i++) tensors[$"x{i}"] = ([1], 0);

        var error = Fails(() => WeightFile.Load(Write(tensors), _device, s_mlp));

        Assert.That(error.Found!.Split("; "), Has.Length.EqualTo(shownParts));
        Assert.That(error.Found!.Contains("and 1 more", StringComparison.Ordinal), Is.EqualTo(unknown == 9));
    }

    [Test]
    public void Load_TransposedFilters_AreAWrongShape()
    {
        var golden = GoldenFile.Open("networks");
        var path = Write([], writer =>
        {
            foreach (var (name, shape) in golden.Parameters("small-cnn"))
            {
                var sizes = Array.ConvertAll(shape, s => (long)s);
                if (shape.Length == 4) sizes = [sizes[0], sizes[2], sizes[3], sizes[1]];
                writer.Add(name, sizes, GoldenValues.State(name, shape));
            }
        });

        var error = Fails(() => WeightFile.Load(path, _device, new NetworkSpec("small-cnn", 28, 28, 1, 10)));

        Assert.That(error.Found, Does.Contain("conv2.weight is [32, 3, 3, 16], not [32, 16, 3, 3]"));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void Load_NonFiniteWeights_AreNamed(float value)
    {
        var tensors = Mlp();
        tensors["fc2.weight"] = ([128, 256], value);
        tensors["fc3.bias"] = ([2], value);

        var error = Fails(() => WeightFile.Load(Write(tensors), _device, s_mlp));

        Assert.That(error.Found, Is.EqualTo(
            "fc2.weight has 32768 values that are not finite; fc3.bias has 2 values that are not finite"));
    }

    [Test]
    public void Load_DoublesBeyondFloat_AreRefused()
    {
        var tensors = Mlp();
        tensors.Remove("fc3.bias");
        var path = Write(tensors, writer => writer.Add("fc3.bias", [2], new[] { 1e300, 0.0 }));

        var error = Fails(() => WeightFile.Load(path, _device, s_mlp));

        Assert.That(error.Found, Is.EqualTo("fc3.bias has 1 values that are not finite"));
    }

    [Test]
    public void Load_NegativeRunningVariance_IsNamed()
    {
        var spec = new NetworkSpec("wrn-10-1", 8, 8, 3, 10);
        using var network = Network.Create(spec, _device, seed: 1);
        var running = network.Buffers.First(b => b.Name == "bn1.running").Parameter.Value;
        var values = running.ToArray<float>();
        values[^1] = -0.5f;
        running.CopyFrom<float>(values);
        WeightFile.Save(network, _folder.File("a"));

        var error = Fails(() => WeightFile.Load(_folder.File("a"), _device));

        Assert.That(error.Found, Is.EqualTo("bn1.running_var has negative values"));
    }

    [Test]
    public void Load_IntegerWeights_AreRefused()
    {
        var tensors = Mlp();
        tensors.Remove("fc3.bias");
        var path = Write(tensors, writer => writer.Add("fc3.bias", [2], new long[] { 1, 2 }));

        Assert.That(Fails(() => WeightFile.Load(path, _device, s_mlp)).Found, Is.EqualTo("fc3.bias is of type I64"));
    }

    [Test]
    public void Load_OneNameWithAndWithoutPrefix_IsAmbiguous()
    {
        var tensors = Mlp();
        tensors["module.fc1.bias"] = ([256], 0);

        var error = Fails(() => WeightFile.Load(Write(tensors), _device, s_mlp));

        Assert.That(error.Message, Does.Contain("fc1.bias").And.Contain("module."));
    }

    [Test]
    public void Load_UnusedBlockInAnotherNetwork_IsUnknown()
    {
        var tensors = Mlp();
        tensors["sub_block1.weight"] = ([4], 0);

        Assert.That(Fails(() => WeightFile.Load(Write(tensors), _device, s_mlp)).Found,
            Is.EqualTo("sub_block1.weight [4] is unknown"));
    }

    [Test]
    public void Load_StampedPreActWithoutItsBatchNorm_IsIncomplete()
    {
        var golden = GoldenFile.Open("networks");
        var path = Write([], writer =>
        {
            var tensors = golden.Parameters("preact-resnet18").Concat(golden.Buffers("preact-resnet18"));
            foreach (var (name, shape) in tensors)
            {
                if (!name.StartsWith("bn.", StringComparison.Ordinal))
                    writer.Add(name, Array.ConvertAll(shape, s => (long)s), GoldenValues.State(name, shape));
            }

            Stamp(writer, ("codat.model", "preact-resnet18"), ("codat.height", "32"), ("codat.width", "32"),
                ("codat.channels", "3"), ("codat.classes", "10"));
        });

        Assert.That(Fails(() => WeightFile.Load(path, _device)).Found!.Split("; "), Is.EquivalentTo(new[]
        {
            "bn.weight is missing", "bn.bias is missing", "bn.running_mean is missing", "bn.running_var is missing",
        }));
    }

    [TestCase("codat.classes", null, "nothing")]
    [TestCase("codat.classes", "ten", "'ten'")]
    [TestCase("codat.height", "-2", "'-2'")]
    [TestCase("codat.width", "0", "'0'")]
    [TestCase("codat.channels", "99999999999", "'99999999999'")]
    [TestCase("codat.mean", "0.5", "'0.5'")]
    [TestCase("codat.std", "[1,", "'[1,'")]
    [TestCase("codat.std", "null", "'null'")]
    [TestCase("codat.class_names", "[\"a\"]", "found 1")]
    [TestCase("codat.class_names", "{}", "'{}'")]
    public void Load_BadMetadata_NamesTheKey(string key, string? value, string expected)
    {
        var path = Write(Mlp(), writer =>
        {
            var strings = new Dictionary<string, string?>
            {
                ["codat.model"] = "mlp", ["codat.height"] = "2", ["codat.width"] = "2", ["codat.channels"] = "1",
                ["codat.classes"] = "2", [key] = value,
            };
            foreach (var (name, text) in strings)
                if (text is not null) writer.SetMetadata(name, text);
        });

        var error = Fails(() => WeightFile.Load(path, _device));

        Assert.That(error.Message, Does.Contain(key).And.Contain(expected));
        Assert.That(error.Where, Does.StartWith(path));
    }

    [TestCase("codat.mean", "[0.1,0.2]")]
    [TestCase("codat.std", "[0]")]
    [TestCase("codat.model", "wrn-5-5")]
    public void Load_MetadataThatFitsNoNetwork_IsAnError(string key, string value)
    {
        var path = Write(Mlp(), writer =>
        {
            Stamp(writer, ("codat.model", "mlp"), ("codat.height", "2"), ("codat.width", "2"), ("codat.channels", "1"),
                ("codat.classes", "2"));
            writer.SetMetadata(key, value);
        });

        Fails(() => WeightFile.Load(path, _device));
    }

    [TestCase("resnet18", "conv1.weight")]
    [TestCase("medium-cnn", "conv1.weight")]
    public void InferSpec_FileOfAnotherNetwork_SaysSo(string model, string tensor)
    {
        var error = Fails(() => WeightFile.InferSpec(Write(Mlp()), model, 10));

        Assert.That(error.Message, Does.Contain($"not a {model}").And.Contain(tensor));
    }

    [TestCase(10)]
    [TestCase(2352 + 3)]
    public void InferSpec_ColumnsOfNoSquareImage_AsksForTheSize(int columns)
    {
        var path = Write(new() { ["fc1.weight"] = ([1, columns], 0) });

        var error = Fails(() => WeightFile.InferSpec(path, "mlp", 10));

        Assert.That(error.Message, Does.Contain("fc1.weight").And.Contain($"found {columns}"));
    }

    [Test]
    public void InferSpec_MediumCnnWithOddColumns_AsksForTheSize()
    {
        var path = Write(new() { ["conv1.weight"] = ([1, 1, 3, 3], 0), ["fc1.weight"] = ([1, 3137], 0) });

        Assert.That(Fails(() => WeightFile.InferSpec(path, "medium-cnn", 10)).Message, Does.Contain("found 3137"));
    }

    [Test]
    public void Load_Failing_GivesAllMemoryBack()
    {
        var tensors = Mlp();
        tensors["fc2.bias"] = ([128], float.NaN);
        var path = Write(tensors);

        Fails(() => WeightFile.Load(path, _device, s_mlp));

        Assert.That(_device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Save_WrongClassNamesOrReservedKeys_IsRefused()
    {
        using var network = Network.Create(s_mlp, _device, seed: 0);

        Assert.That(() => WeightFile.Save(network, _folder.File("a"), ["one"]), Throws.ArgumentException);
        var reserved = new Dictionary<string, string> { ["codat.mean"] = "" };
        Assert.That(() => WeightFile.Save(network, _folder.File("a"), metadata: reserved), Throws.ArgumentException);
        Assert.That(File.Exists(_folder.File("a")), Is.False);
    }

    [Test]
    public void Save_IntoNoFolder_LeavesNothing()
    {
        using var network = Network.Create(s_mlp, _device, seed: 0);

        Fails(() => WeightFile.Save(network, Path.Combine(_folder.Path, "none", "a.safetensors")));
    }

    private static CodatException Fails(Action action) => Assert.Throws<CodatException>(action)!;

    private static Dictionary<string, (long[] Shape, float Value)> Mlp() => new()
    {
        ["fc1.weight"] = ([256, 4], 0), ["fc1.bias"] = ([256], 0),
        ["fc2.weight"] = ([128, 256], 0), ["fc2.bias"] = ([128], 0),
        ["fc3.weight"] = ([2, 128], 0), ["fc3.bias"] = ([2], 0),
    };

    private static void Stamp(SafeTensorsWriter writer, params (string Key, string Value)[] strings)
    {
        foreach (var (key, value) in strings) writer.SetMetadata(key, value);
    }

    private string Write(
        Dictionary<string, (long[] Shape, float Value)> tensors, Action<SafeTensorsWriter>? extra = null)
    {
        var writer = new SafeTensorsWriter();
        foreach (var (name, (shape, value)) in tensors)
            writer.Add(name, shape, Enumerable.Repeat(value, (int)shape.Aggregate(1L, (a, b) => a * b)).ToArray());
        extra?.Invoke(writer);
        var path = _folder.File("weights.safetensors");
        writer.Save(path);
        return path;
    }
}
