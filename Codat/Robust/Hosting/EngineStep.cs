using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>The compiled training step of an engine, what varies between its runs, and the way back of its
/// numbers.</summary>
internal sealed class EngineStep : IDisposable
{
    /// <summary>Steps whose numbers are kept.</summary>
    private const int Kept = 32;

    private const int NumbersAt = 0, TableAt = 1, StatusAt = 2, PredictedAt = 3, LabelsAt = 4;

    private readonly BatchImport _import;
    private readonly StepProgram _program;
    private readonly ReadBack _records;
    private readonly bool _isEager;
    private double _writtenRate = double.NaN, _writtenEta = double.NaN;
    private long _examined, _restartedAt;

    public EngineStep(Network network, CodatEngineOptions options, BatchImport import, bool isEager)
    {
        (_import, _isEager) = (import, isEager);
        (LearningRate, Eta) = (options.LearningRate, options.Eta);
        var prior = EngineOptionRules.Prior(options, network.Spec.Classes);
        _program = new StepProgram(network, SpecOf(options, network.Spec));
        var tensors = _program.Tensors;
        try
        {
            tensors.SetPrior(prior);
            _records = new ReadBack(network.Device, Kept, tensors.Record.Numbers, tensors.Record.Table,
                tensors.Record.Status, tensors.Correct, tensors.Labels);
        }
        catch
        {
            _program.Dispose();
            throw;
        }
        Target = new BatchTarget(tensors.Pixels, tensors.Labels, tensors.SampleIds);
    }

    /// <summary>Where a batch goes.</summary>
    public BatchTarget Target { get; }

    public double LearningRate { get; set; }

    public double Eta { get; set; }

    /// <summary>Steps enqueued.</summary>
    public long Count => _records.Last;

    public bool IsCaptured => _program.Replay is { NodeCount: > 0 };

    public string? CaptureFailure => _program.Replay?.Failure;

    /// <summary>Enqueues a step on the batch that was loaded.</summary>
    public void Run(int? epoch)
    {
        _import.Set(_program.Tensors.Counters, epoch ?? unchecked((int)Count));
        if (_writtenRate != LearningRate) _import.Set(_program.Tensors.LearningRate, _writtenRate = LearningRate);
        if (_writtenEta != Eta) _import.Set(_program.Tensors.Radius, _writtenEta = Eta);
        if (_isEager)
        {
            _program.Prepare();
            _program.Attack();
            _program.Update();
        }
        else _program.Run();
        _records.Enqueue();
    }

    public bool IsReady(long number) => number <= Count - Kept || _records.IsReady(number);

    /// <summary>Waits for a step and takes its numbers.</summary>
    public void Read(long number, StepReport report)
    {
        _records.Wait(number);
        ThrowIfFailed(number);
        report.Fill(number, _records.Get<double>(number, NumbersAt), _records.Get<double>(number, TableAt),
            _records.Get<int>(number, PredictedAt), _records.Get<int>(number, LabelsAt));
    }

    /// <summary>Throws for a failed step among those that have arrived; waits for none.</summary>
    public void ThrowIfFailed()
    {
        _examined = Math.Max(_examined, Count - Kept);
        while (_examined < Count && _records.IsReady(_examined + 1)) ThrowIfFailed(++_examined);
    }

    /// <summary>Waits for the last step and throws if one has failed.</summary>
    public void CheckLast()
    {
        if (Count == 0) return;
        _records.Wait(Count);
        ThrowIfFailed(Count);
    }

    /// <summary>Forgets what training has built up besides weights and statistics.</summary>
    public void Restart()
    {
        var tensors = _program.Tensors;
        tensors.Velocity.Clear();
        tensors.Record.Averages.Clear();
        _program.Method.Restart();
        tensors.Record.Status.Clear();
        _examined = _restartedAt = Count;
    }

    public void Dispose()
    {
        _records.Dispose();
        _program.Dispose();
    }

    private void ThrowIfFailed(long number)
    {
        var status = _records.Get<int>(number, StatusAt);
        // A failed step leaves everything as it was, and so does every one after it until weights are loaded again.
        if (status[0] != 0 && number > _restartedAt)
            throw TrainingFailedException.OfBatch(_program.Network.Spec.Classes, number);
    }

    private static StepSpec SpecOf(CodatEngineOptions options, NetworkSpec network)
    {
        var threat = options.Threat ?? Usual(options.Loss, network);
        return new StepSpec
        {
            Batch = options.Batch, Loss = options.Loss, Beta = options.Beta, ClassWeights = options.ClassWeights,
            Norm = threat.Norm, Epsilon = threat.Eps.Value, StepSize = threat.Step.Value, AttackSteps = threat.Steps,
            Start = threat.Start, AttackBatchNorm = options.AttackBatchNorm, LabelSmoothing = options.LabelSmoothing,
            Momentum = options.Momentum, Nesterov = options.Nesterov, WeightDecay = options.WeightDecay,
            Precision = options.Precision, Seed = options.Seed, TakesFloats = true,
        };
    }

    private static ThreatModel Usual(LossKind loss, NetworkSpec network)
    {
        var usual = ThreatModel.Preset(
            Norm.Linf, new ImageShape(network.Height, network.Width, network.Channels));
        return usual with { Start = ObjectivePreset.StartOf(loss, usual.Start) };
    }
}
