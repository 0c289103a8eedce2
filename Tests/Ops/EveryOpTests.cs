using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What holds for every kernel: the same bits on any number of threads, and float close to double on every vector path.</summary>
internal sealed class EveryOpTests
{
    private const int Batch = 5;

    [TestCaseSource(typeof(OpCatalogue), nameof(OpCatalogue.Cases))]
    public void Run_OnOneTwoAndThreeThreads_GivesTheSameBits(OpCase item)
    {
        foreach (var target in TestDevices.Cpus())
        {
            foreach (var type in new[] { DType.Float32, DType.Float64 })
            {
                var one = Run(target, item, type, 1);

                for (var threads = 2; threads <= 3; threads++)
                    for (var repeat = 0; repeat < 2; repeat++) Expect.SameBits(Run(target, item, type, threads), one, $"{target}, {type}, {threads} threads");
            }
        }
    }

    [TestCaseSource(typeof(OpCatalogue), nameof(OpCatalogue.Cases))]
    public void Run_InFloatOnEveryVectorPath_IsCloseToDouble(OpCase item)
    {
        var reference = Run(new TestDevice("portable", CpuVectors.Portable), item, DType.Float64, 1);

        foreach (var target in TestDevices.Cpus())
        {
            Expect.Close(Run(target, item, DType.Float64, 1), reference, Expect.DoubleTolerance, $"{target}, double");
            Expect.Close(Run(target, item, DType.Float32, 1), reference, Expect.FloatTolerance, $"{target}, float");
        }
    }

    [TestCaseSource(typeof(OpCatalogue), nameof(OpCatalogue.Cases))]
    public void Run_InPoisonedGuardedMemory_ReadsAndWritesOnlyItsOwn(OpCase item)
    {
        foreach (var target in TestDevices.Cpus())
        {
            foreach (var type in new[] { DType.Float32, DType.Float64 })
            {
                var expected = Run(target, item, type, 2);
                var memory = new GuardedMemory();

                using (var device = Device.Cpu(new CpuOptions { Threads = 2, Vectors = target.Vectors, Memory = memory }))
                using (var bench = new GraphBench(device, type))
                    Expect.SameBits(bench.Run(item.Build(bench)), expected, $"{target}, {type}");

                Assert.That(memory.Damage, Is.Empty, $"{target}, {type}");
                Assert.That(memory.Released, Is.GreaterThan(1));
            }
        }
    }

    [Test]
    public void Create_VectorsTheProcessorLacks_IsRefused()
    {
        if (CpuIsaInfo.Best == CpuIsa.Avx512) Assert.Ignore("this processor has every instruction set");

        Assert.That(() => Device.Cpu(new CpuOptions { Vectors = CpuVectors.Avx512 }),
            Throws.InstanceOf<Interop.CodatException>().With.Message.Contains("instruction set"));
    }

    [Test]
    public void Convolution_OfOneImage_HasTheBitsItHasInABatch([Values("1.16.3", "3.32.3", "40.48.3", "40.24.1")] string shape)
    {
        var parts = Array.ConvertAll(shape.Split('.'), s => int.Parse(s, System.Globalization.CultureInfo.InvariantCulture));
        var (c, k, size) = (parts[0], parts[1], parts[2]);
        var x = TestValues.Normal(Batch * 16 * 16 * c, 1);
        foreach (var target in TestDevices.Cpus())
        {
            var batch = Convolve(target, x, Batch);

            for (var n = 0; n < Batch; n++)
                Expect.SameBits(Convolve(target, x[(n * 256 * c)..((n + 1) * 256 * c)], 1), batch[(n * 256 * k)..((n + 1) * 256 * k)], $"{target}, image {n}");
        }

        double[] Convolve(TestDevice target, double[] images, int n)
        {
            using var device = target.Create();
            using var bench = new GraphBench(device, DType.Float32);
            return bench.Run(bench.Graph.Conv2d(bench.Input(new Shape(n, 16, 16, c), images), bench.Input(new Shape(k, size, size, c), 2), 1, size / 2));
        }
    }

    private static double[] Run(TestDevice target, OpCase item, DType type, int threads)
    {
        using var device = target.Create(threads);
        using var bench = new GraphBench(device, type);
        return bench.Run(item.Build(bench));
    }
}
