using Codat.Native.Autograd;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Initial weights: their distribution, and that they follow from the seed alone.</summary>
internal sealed class InitialiserTests
{
    private static readonly NetworkSpec s_spec = new("medium-cnn", 28, 28, 1, 1000);

    [Test]
    public void Create_Weights_HaveHesVarianceAndMeanZero()
    {
        using var device = Device.Cpu();
        using var network = Network.Create(s_spec, device, seed: 7);

        foreach (var (name, parameter) in network.Parameters)
        {
            var values = parameter.Value.ToArray<float>();
            if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                Assert.That(values, Is.All.Zero, name);
                continue;
            }

            // fan-in: inputs of one output. The last layer has no ReLU behind it: 1 / fan-in.
            var fanIn = (double)(values.Length / parameter.Shape[0]);
            var variance = (name == "fc2.weight" ? 1 : 2) / fanIn;
            var deviationOfMean = Math.Sqrt(variance / values.Length);
            var found = values.Sum(v => (double)v * v) / values.Length;
            Assert.That(values.Average(v => (double)v), Is.EqualTo(0).Within(4 * deviationOfMean), name);
            Assert.That(found, Is.EqualTo(variance).Within(4 * variance * Math.Sqrt(2.0 / values.Length)), name);
        }
    }

    [Test]
    public void Create_Weights_AreNormal()
    {
        using var device = Device.Cpu();
        using var network = Network.Create(s_spec, device, seed: 3);
        var values = network.Parameters.First(p => p.Name == "fc1.weight").Parameter.Value.ToArray<float>();
        var deviation = Math.Sqrt(2.0 / (7 * 7 * 64));

        foreach (var (bound, share) in new[] { (0.5, 0.382925), (1.0, 0.682689), (2.0, 0.954500), (3.0, 0.997300) })
        {
            var within = values.Count(v => Math.Abs(v) < bound * deviation) / (double)values.Length;
            var tolerance = 4 * Math.Sqrt(share * (1 - share) / values.Length);
            Assert.That(within, Is.EqualTo(share).Within(tolerance), $"{bound} deviations");
        }
    }

    [Test]
    public void Create_BatchNorm_StartsAsTheIdentity()
    {
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("wrn-10-1", 32, 32, 3, 10), device, seed: 0);

        var bn = network.Parameters.Where(p => p.Name.Contains("bn", StringComparison.Ordinal)).ToList();
        Assert.That(bn, Is.Not.Empty);
        foreach (var (name, parameter) in bn)
        {
            var expected = name.EndsWith("weight", StringComparison.Ordinal) ? 1f : 0f;
            Assert.That(parameter.Value.ToArray<float>(), Is.All.EqualTo(expected), name);
        }

        foreach (var (name, buffer) in network.Buffers)
        {
            var values = buffer.Value.ToArray<float>();
            Assert.That(values[..(values.Length / 2)], Is.All.EqualTo(0f), name);
            Assert.That(values[(values.Length / 2)..], Is.All.EqualTo(1f), name);
        }
    }

    [Test]
    public void Create_SameSeed_GivesSameBitsWhateverTheThreads()
    {
        using var one = Device.Cpu(new CpuOptions { Threads = 1 });
        using var two = Device.Cpu(new CpuOptions { Threads = 2, Vectors = CpuVectors.Portable });
        using var first = Network.Create(s_spec, one, seed: 11);
        using var second = Network.Create(s_spec, two, seed: 11);

        Assert.That(second.Weights.ToArray<float>(), Is.EqualTo(first.Weights.ToArray<float>()));
    }

    [Test]
    public void Create_Doubles_AreTheFloatsBeforeRounding()
    {
        using var device = Device.Cpu();
        using var single = Network.Create(s_spec, device, seed: 11);
        using var wide = Network.Create(s_spec, device, seed: 11, DType.Float64);

        var rounded = Array.ConvertAll(wide.Weights.ToArray<double>(), v => (float)v);

        Assert.That(rounded, Is.EqualTo(single.Weights.ToArray<float>()));
    }

    [TestCase(0ul, 1ul)]
    [TestCase(5ul, 5ul + (1ul << 32))]
    public void Create_OtherSeed_GivesOtherWeightsEverywhere(ulong one, ulong other)
    {
        using var device = Device.Cpu();
        using var first = Network.Create(s_spec, device, one);
        using var second = Network.Create(s_spec, device, other);

        for (var p = 0; p < first.Parameters.Count; p++)
        {
            var (name, parameter) = first.Parameters[p];
            if (!name.EndsWith("weight", StringComparison.Ordinal)) continue;
            var (a, b) = (parameter.Value.ToArray<float>(), second.Parameters[p].Parameter.Value.ToArray<float>());
            var equal = a.Zip(b).Count(pair => pair.First == pair.Second);
            Assert.That(equal, Is.LessThan(a.Length / 100 + 1), name);
        }
    }

    [Test]
    public void Create_LayersOfOneShape_DrawDifferentWeights()
    {
        using var device = Device.Cpu();
        using var network = Network.Create(new NetworkSpec("resnet18", 32, 32, 3, 10), device, seed: 0);

        var first = network.Parameters.First(p => p.Name == "layer1.0.conv1.weight").Parameter.Value.ToArray<float>();
        var second = network.Parameters.First(p => p.Name == "layer1.0.conv2.weight").Parameter.Value.ToArray<float>();

        Assert.That(first.Zip(second).Count(pair => pair.First == pair.Second), Is.LessThan(10));
    }
}
