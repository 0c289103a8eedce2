using System.Runtime.InteropServices;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// The memory a step reads its batch and settings from and keeps its state in; outlives the plans' temporaries.
/// </summary>
/// <remarks>
/// What changes with every step lies in one block, as <see cref="Layout"/> says, and reaches a device in one copy.
/// </remarks>
internal sealed class StepTensors : IDisposable
{
    // After the batch: epoch and restart, then the learning rate.
    private const int RateAt = 2 * sizeof(int), SettingBytes = RateAt + sizeof(double);

    private readonly Tensor _block;
    private readonly bool _ownsPixels;

    public StepTensors(Network network, StepSpec spec, Tensor? stored)
    {
        var (device, s, n) = (network.Device, network.Spec, spec.Batch);
        var images = new Shape(n, s.Height, s.Width, s.Channels);
        Layout = new BatchLayout(
            n, new ImageShape(s.Height, s.Width, s.Channels), !spec.TakesFloats && stored is null, SettingBytes);
        device.ReserveStaging(Layout.TotalBytes);
        _block = device.Allocate(DType.UInt8, new Shape(Layout.TotalBytes), "batch");
        Pixels = spec.TakesFloats ? device.Allocate(network.Type, images, "pixels")
            : stored ?? _block.Part(0, DType.UInt8, images, "pixels");
        _ownsPixels = Pixels != stored;
        Moves = Numbers(Layout.AugmentOffset, new Shape(n, AugmentRecipe.Parameters), "augment");
        Labels = Numbers(Layout.LabelsOffset, new Shape(n), "labels");
        SampleIds = Numbers(Layout.SampleIdsOffset, new Shape(n), "sample-ids");
        Counters = Numbers(Layout.ExtraOffset, new Shape(2), "counters");
        LearningRate = _block.Part(Layout.ExtraOffset + RateAt, network.Type, new Shape(1), "learning-rate");
        Prior = device.Allocate(DType.Float64, new Shape(s.Classes), "prior");
        Radius = device.Allocate(DType.Float64, new Shape(1), "radius");
        Velocity = device.Allocate(network.Type, network.Weights.Shape, "velocity");
        Gradient = device.Allocate(network.Type, network.Weights.Shape, "gradient");
        Correct = device.Allocate(DType.Int32, new Shape(n), "predicted");
        Average = spec.AverageDecay is null ? null : device.Allocate(network.Type, network.Weights.Shape, "average");
        Boundary = spec.Loss == LossKind.Bat ? new BoundarySearch(device, n) : null;
        Kept = spec.Awp is null ? null : device.Allocate(network.Type, network.Weights.Shape, "kept-weights");
        Record = new StepRecord(device, s.Classes);
        Ring = new StepRing(device, s.Classes);
        SetPrior(Enumerable.Repeat(1.0 / s.Classes, s.Classes).ToArray());
        if (Average is not null) CopyWeights(network.Weights, Average);
    }

    /// <summary>Where everything of a batch lies that is loaded.</summary>
    public BatchLayout Layout { get; }

    /// <summary>The images of the batch, or all of a split: then <see cref="SampleIds"/> says which.</summary>
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

    /// <summary>The weights while AWP has others in their place; null without it.</summary>
    public Tensor? Kept { get; }

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

    /// <summary>Takes in a batch and what goes with its step.</summary>
    public void Load(BatchSlot slot, double rate)
    {
        var settings = slot.Extra;
        MemoryMarshal.Cast<byte, int>(settings[..RateAt])[0] = slot.Epoch;
        MemoryMarshal.Cast<byte, int>(settings[..RateAt])[1] = 0;
        if (LearningRate.Type == DType.Float64) MemoryMarshal.Write(settings[RateAt..], rate);
        else MemoryMarshal.Write(settings[RateAt..], (float)rate);
        _block.CopyFrom<byte>(slot.Memory.Span);
    }

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
        if (_ownsPixels) Pixels.Dispose();
        foreach (var tensor in (Tensor[])[_block, Prior, Radius, Velocity, Gradient, Correct]) tensor.Dispose();
        Audited?.Dispose();
        Average?.Dispose();
        Boundary?.Dispose();
        Kept?.Dispose();
        Record.Dispose();
        Ring.Dispose();
    }

    private Tensor Numbers(int offset, Shape shape, string name) => _block.Part(offset, DType.Int32, shape, name);

    private static void CopyWeights(Tensor from, Tensor to)
    {
        if (from.Type == DType.Float64) to.CopyFrom<double>(from.ToArray<double>());
        else to.CopyFrom<float>(from.ToArray<float>());
    }
}
