using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>A small network that has learned something: some images right, some wrong, some that an attack breaks.</summary>
internal sealed class StripedNetwork
{
    private const int Batch = 40, Steps = 30;

    private readonly NetworkSpec _spec;
    private readonly Func<Module> _module;
    private readonly float[] _weights;
    private readonly float[]? _running;

    private StripedNetwork(NetworkSpec spec, Func<Module> module, Network network, SyntheticOptions images)
    {
        (_spec, _module) = (spec, module);
        (_weights, _running) = (network.Weights.ToArray<float>(), network.RunningStatistics?.ToArray<float>());
        Test = SyntheticDataset.Create(images, DatasetSplit.Test);
    }

    public static NetworkSpec Spec { get; } = new("small-cnn", 16, 16, 3, SmallData.Classes)
    {
        Mean = [0.4f, 0.5f, 0.45f], Std = [0.25f, 0.2f, 0.3f],
    };

    /// <summary>Sixty-one images the network has not seen.</summary>
    public MemoryDataset Test { get; }

    public static StepSpec StepSpec(int batch, LossKind loss = LossKind.Ce, ClassWeightKind weights = ClassWeightKind.Codat) => new()
    {
        Batch = batch, Loss = loss, ClassWeights = new ClassWeightSpec { Kind = weights }, Norm = Norm.Linf, Epsilon = 0.03, StepSize = 0.03,
        AttackSteps = 1, Start = AttackStart.Zero,
    };

    /// <summary>Trains a model; with a module, that one.</summary>
    public static StripedNetwork Train(string model = "small-cnn", Func<Module>? module = null)
    {
        var spec = Spec with { Model = model };
        module ??= spec.CreateModule;
        var images = SmallData.Images(seed: 5, train: 200, test: 61);
        var train = SyntheticDataset.Create(images, DatasetSplit.Train);
        using var device = Device.Cpu();
        using var network = Network.Create(spec, module(), device, seed: 3, DType.Float32);
        using var step = new StepProgram(network, StepSpec(Batch));
        step.Tensors.SetRadius(0.3);
        step.Tensors.SetLearningRate(0.02);
        var (pixels, labels) = (SmallData.Pixels(train), SmallData.Labels(train));
        for (var i = 0; i < Steps; i++)
        {
            var start = i * Batch % train.Count;
            step.Tensors.Pixels.CopyFrom<byte>(pixels.AsSpan(start * train.Shape.Bytes, Batch * train.Shape.Bytes));
            step.Tensors.Labels.CopyFrom<int>(labels.AsSpan(start, Batch));
            step.Run();
        }
        return new StripedNetwork(spec, module, network, images);
    }

    /// <summary>The trained network on a device; the caller owns it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="type">Its precision.</param>
    /// <param name="plant">Puts something around the module that has no weights of its own.</param>
    public Network On(Device device, DType type = DType.Float32, Func<Module, Module>? plant = null)
    {
        var network = Network.Create(_spec, plant is null ? _module() : plant(_module()), device, seed: 0, type);
        if (type == DType.Float32) network.RunningStatistics?.CopyFrom<float>(_running);
        if (type == DType.Float32) network.Weights.CopyFrom<float>(_weights);
        else network.Weights.CopyFrom<double>(Array.ConvertAll(_weights, w => (double)w));
        return network;
    }

    public static ResolvedAttack Attack(string name, Norm norm = Norm.Linf, string eps = "0.06", string step = "0.02") =>
        AttackExpression.Parse(name, "test").Resolve(norm, Magnitude.Parse(eps, "test"), Magnitude.Parse(step, "test"));
}
