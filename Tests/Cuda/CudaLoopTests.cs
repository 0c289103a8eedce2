using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Devices, networks and steps made, used and disposed of over and over: everything stays flat.</summary>
[CudaFixture]
internal sealed class CudaLoopTests
{
    private const int WarmUp = 20, Rounds = 100;
    private const int Side = 8, Classes = 3;

    /// <summary>What the managed heap may differ by after all rounds: caches that grow by steps, never something per round.</summary>
    private const long ManagedSlack = 64 << 10;

    /// <summary>The same for the process, whose allocator keeps pages; a lost network alone would be 100 times 100 KB.</summary>
    private const long ProcessSlack = 8 << 20;

    [Test]
    public void CreateTrainDispose_HundredTimes_KeepsEveryMemoryFlat()
    {
        for (var i = 0; i < WarmUp; i++) Round();
        if (SimulatedDriver.IsPresent) SimulatedDriver.Reset();
        var (managed, process) = (GC.GetTotalMemory(forceFullCollection: true), ProcessBytes());

        for (var i = 0; i < Rounds; i++) Round();

        var grown = GC.GetTotalMemory(forceFullCollection: true) - managed;
        TestContext.Out.WriteLine($"managed {grown} bytes, process {ProcessBytes() - process} bytes");
        Assert.That(grown, Is.LessThan(ManagedSlack), "managed bytes");
        Assert.That(ProcessBytes() - process, Is.LessThan(ProcessSlack), "bytes of the process");
        if (!SimulatedDriver.IsPresent) return;
        Assert.That(SimulatedDriver.Alive(), Is.Empty, "allocations and handles");
        Assert.That(SimulatedDriver.Problems(), Is.Empty);
    }

    private static void Round()
    {
        using var device = CudaTestDevice.CreateDevice();
        Train(device);
        Assert.That(device.LiveBlocks, Is.Zero, "tensors that nobody disposed of");
    }

    private static void Train(CudaDevice device)
    {
        using var network = Network.Create(new NetworkSpec("small-cnn", Side, Side, 1, Classes), device, seed: 1);
        using var step = new StepProgram(network, new StepSpec
        {
            Batch = 2, Loss = LossKind.Ce, ClassWeights = new ClassWeightSpec { Kind = ClassWeightKind.Codat },
            Norm = Norm.Linf, Epsilon = 0.1, StepSize = 0.02,
            AttackSteps = 1, Start = AttackStart.Uniform, Seed = 9,
        });
        step.Tensors.Labels.CopyFrom<int>([0, 1]);
        step.Tensors.SetRadius(0.5);
        step.Tensors.SetLearningRate(0.05);
        for (var i = 0; i < 4; i++) step.Run();
        Assert.That(step.Replay!.NodeCount, Is.Positive, "captured"); // a CUDA step has one
        Assert.That(network.Weights.ToArray<float>(), Is.All.Matches<float>(float.IsFinite));
    }

    // Resident pages, where the system says; elsewhere this part of the test says nothing.
    private static long ProcessBytes()
    {
        const string Statistics = "/proc/self/statm";
        if (!File.Exists(Statistics)) return 0;
        return long.Parse(File.ReadAllText(Statistics).Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }
}
