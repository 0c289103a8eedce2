using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// The memory a step reads its batch and settings from and keeps its state in; outlives the plans' temporaries.
/// </summary>
internal sealed class StepTensors : IDisposable
{
    public StepTensors(Network network, StepSpec spec)
    {
        var (device, s, n) = (network.Device, network.Spec, spec.Batch);
        Pixels = device.Allocate(
            spec.TakesFloats ? network.Type : DType.UInt8, new Shape(n, s.Height, s.Width, s.Channels), "pixels");
        Moves = device.Allocate(DType.Int32, new Shape(n, 3), "augment");
        Labels = device.Allocate(DType.Int32, new Shape(n), "labels");
        SampleIds = device.Allocate(DType.Int32, new Shape(n), "sample-ids");
        Counters = device.Allocate(DType.Int32, new Shape(2), "counters");
        LearningRate = device.Allocate(network.Type, new Shape(1), "learning-rate");
        Prior = device.Allocate(DType.Float64, new Shape(s.Classes), "prior");
        Radius = device.Allocate(DType.Float64, new Shape(1), "radius");
        Velocity = device.Allocate(network.Type, network.Weights.Shape, "velocity");
        Gradient = device.Allocate(network.Type, network.Weights.Shape, "gradient");
        Correct = device.Allocate(DType.Int32, new Shape(n), "predicted");
        Average = spec.AverageDecay is null ? null : device.Allocate(network.Type, network.Weights.Shape, "average");
        Boundary = spec.Loss == LossKind.Bat ? new BoundarySearch(device, n) : null;
        Record = new StepRecord(device, s.Classes);
        Ring = new StepRing(device, s.Classes);
        SetPrior(Enumerable.Repeat(1.0 / s.Classes, s.Classes).ToArray());
        if (Average is not null) CopyWeights(network.Weights, Average);
    }

    public Tensor Pixels { get; }
    public Tensor Moves { get; }
    public Tensor Labels { get; }
    public Tensor SampleIds { get; }

    /// <summary>Epoch and restart: parts of the random counters.</summary>
    public Tensor Counters { get; }
    public Tensor LearningRate { get; }
    public Tensor Prior { get; }
    public Tensor Radius { get; }
    public Tensor Velocity { get; }
    public Tensor Gradient { get; }

    /// <summary>Losses of the images last audited; memory only where a method wants them.</summary>
    public Tensor? Audited { get; private set; }

    /// <summary>Predicted classes of the attacked batch.</summary>
    public Tensor Correct { get; }
    public Tensor? Average { get; }

    /// <summary>What the attack of BAT needs; null for every other loss.</summary>
    public BoundarySearch? Boundary { get; }
    public StepRecord Record { get; }
    public StepRing Ring { get; }

    /// <summary>Makes room for the losses of an audit.</summary>
    public Tensor AddAudited() => Audited = LearningRate.Device.Allocate(LearningRate.Type, Labels.Shape, "audited");

    public void SetPrior(double[] prior) => Prior.CopyFrom<double>(prior);

    public void SetRadius(double eta) => Radius.CopyFrom<double>([eta]);

    public void SetEpoch(int epoch) => Counters.CopyFrom<int>([epoch, 0]);

    public void SetLearningRate(double rate)
    {
        if (LearningRate.Type == DType.Float64) LearningRate.CopyFrom<double>([rate]);
        else LearningRate.CopyFrom<float>([(float)rate]);
    }

    public void Dispose()
    {
        Tensor[] own =
        [
            Pixels, Moves, Labels, SampleIds, Counters, LearningRate, Prior, Radius, Velocity, Gradient, Correct,
        ];
        foreach (var tensor in own) tensor.Dispose();
        Audited?.Dispose();
        Average?.Dispose();
        Boundary?.Dispose();
        Record.Dispose();
        Ring.Dispose();
    }

    private static void CopyWeights(Tensor from, Tensor to)
    {
        if (from.Type == DType.Float64) to.CopyFrom<double>(from.ToArray<double>());
        else to.CopyFrom<float>(from.ToArray<float>());
    }
}
