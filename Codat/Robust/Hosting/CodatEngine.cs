using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Class optimal distribution adversarial training (arXiv 2501.04527) inside an application that feeds the batches: on
/// the processor, or on a CUDA context and stream that stay the application's.
/// </summary>
/// <remarks>
/// One thread at a time, any thread. Steps, predictions and evaluations are enqueued, and no thread waits for them but
/// in a Read; creating, saving, loading and disposing wait. The calling thread's CUDA context is the same after every
/// call as before it. The legacy default stream, flags and limits of the context are never touched, and no finalizer
/// calls CUDA. After <see cref="CudaContextPoisonedException"/> or <see cref="CudaContextLostException"/> only
/// disposing is left.
/// </remarks>
public sealed class CodatEngine : IDisposable
{
    private readonly CodatEngineOptions _options;
    private readonly EngineDevice _device;
    private readonly EngineGate _gate;
    private EngineStep? _step;
    private EngineScorer? _scorer;
    private BatchImport? _import;
    private Network? _network;

    private CodatEngine(CodatEngineOptions options, EngineDevice device)
    {
        (_options, _device) = (options, device);
        _gate = new EngineGate(device);
    }

    /// <summary>The network being trained. Its tensors belong to the engine's stream.</summary>
    public Network Network => _network ?? throw new ObjectDisposedException(nameof(CodatEngine));

    /// <summary>Images in a step.</summary>
    public int Batch => _options.Batch;

    /// <summary>The device, in words.</summary>
    public string Description => _device.Device.Description;

    /// <summary>The engine's device memory in numbers; null on the processor.</summary>
    public DeviceStatisticsResource? Memory => (_device.Device as CudaDevice)?.Session.Memory;

    /// <summary>The last step that was enqueued; number 0 before the first.</summary>
    public StepReading LastStep => Training.Count == 0 ? default : new StepReading(this, Training.Count);

    /// <summary>Whether steps are launched as one graph by now.</summary>
    public bool IsCaptured => Training.IsCaptured;

    /// <summary>Why steps are not captured, where a capture was tried and failed; they run all the same.</summary>
    public string? CaptureFailure => Training.CaptureFailure;

    /// <summary>The learning rate of the steps to come.</summary>
    public double LearningRate
    {
        get => Training.LearningRate;
        set => Training.LearningRate = EngineOptionRules.AtLeastZero(nameof(LearningRate), value);
    }

    /// <summary>The radius of the chi-square ball in the steps to come.</summary>
    public double Eta
    {
        get => Training.Eta;
        set => Training.Eta = EngineOptionRules.AtLeastZero(nameof(Eta), value);
    }

    private EngineStep Training => _step ?? throw new ObjectDisposedException(nameof(CodatEngine));

    private EngineScorer Scorer => _scorer ?? throw new ObjectDisposedException(nameof(CodatEngine));

    private BatchImport Import => _import ?? throw new ObjectDisposedException(nameof(CodatEngine));

    /// <summary>Builds the network and compiles a training step; kernels not in the cache are compiled now.</summary>
    /// <exception cref="CodatException">An option is not allowed, the weights do not fit, CUDA cannot be used, or
    /// memory does not suffice. Everything taken so far has been given back.</exception>
    public static CodatEngine Create(CodatEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        EngineOptionRules.Check(options);
        using var scope = EngineDevice.Enter(options);
        var engine = new CodatEngine(options, EngineDevice.Open(options));
        try
        {
            engine.Build();
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Enqueues one training step on a batch in device memory.</summary>
    /// <returns>The way to its numbers.</returns>
    /// <exception cref="CodatException">The batch cannot be used; nothing was enqueued.</exception>
    /// <exception cref="TrainingFailedException">The loss of an earlier step, known by now, was not a
    /// number.</exception>
    public StepReading Step(in DeviceBatch batch)
    {
        using var use = _gate.Begin();
        BeginStep();
        var rows = Import.Check(batch, BatchUse.Train);
        Fork(batch.Ready);
        try
        {
            Import.Load(batch, rows, Training.Target);
            return MakeStep(batch.Epoch);
        }
        finally
        {
            Join();
        }
    }

    /// <summary>Enqueues one training step on a batch in host memory.</summary>
    /// <inheritdoc cref="Step(in DeviceBatch)"/>
    public StepReading Step(HostBatch batch)
    {
        using var use = _gate.Begin();
        BeginStep();
        var rows = Import.Check(batch, BatchUse.Train);
        Fork(null);
        try
        {
            Import.Load(batch, rows, Training.Target);
            return MakeStep(batch.Epoch);
        }
        finally
        {
            Join();
        }
    }

    /// <summary>Enqueues predictions for a batch of at most <see cref="Batch"/> images in device memory.</summary>
    /// <exception cref="CodatException">The batch cannot be used; nothing was enqueued.</exception>
    public PredictionReading Predict(in DeviceBatch batch)
    {
        using var use = _gate.Begin();
        var rows = Import.Check(batch, BatchUse.Predict);
        Scorer.Prepare(null);
        Fork(batch.Ready);
        try
        {
            Import.Load(batch, rows, Scorer.Target);
            return new PredictionReading(this, Scorer.Score(), rows);
        }
        finally
        {
            Join();
        }
    }

    /// <summary>Enqueues predictions for a batch of at most <see cref="Batch"/> images in host memory.</summary>
    /// <exception cref="CodatException">The batch cannot be used; nothing was enqueued.</exception>
    public PredictionReading Predict(HostBatch batch)
    {
        using var use = _gate.Begin();
        var rows = Import.Check(batch, BatchUse.Predict);
        Scorer.Prepare(null);
        Fork(null);
        try
        {
            Import.Load(batch, rows, Scorer.Target);
            return new PredictionReading(this, Scorer.Score(), rows);
        }
        finally
        {
            Join();
        }
    }

    /// <summary>Enqueues an evaluation of at most <see cref="Batch"/> labelled images in device memory.</summary>
    /// <param name="batch">The images. An image's result does not depend on the others.</param>
    /// <param name="attack">The attack, compiled at its first use; null for the images as they are.</param>
    /// <exception cref="CodatException">The batch cannot be used; nothing was enqueued.</exception>
    public EvaluationReading Evaluate(in DeviceBatch batch, AttackSpec? attack = null)
    {
        using var use = _gate.Begin();
        var rows = Import.Check(batch, BatchUse.Evaluate);
        Scorer.Prepare(attack);
        Fork(batch.Ready);
        try
        {
            Import.Load(batch, rows, Scorer.Target);
            return Score(attack, rows);
        }
        finally
        {
            Join();
        }
    }

    /// <summary>Enqueues an evaluation of at most <see cref="Batch"/> labelled images in host memory.</summary>
    /// <inheritdoc cref="Evaluate(in DeviceBatch, AttackSpec?)"/>
    public EvaluationReading Evaluate(HostBatch batch, AttackSpec? attack = null)
    {
        using var use = _gate.Begin();
        var rows = Import.Check(batch, BatchUse.Evaluate);
        Scorer.Prepare(attack);
        Fork(null);
        try
        {
            Import.Load(batch, rows, Scorer.Target);
            return Score(attack, rows);
        }
        finally
        {
            Join();
        }
    }

    /// <summary>Waits for the steps made so far and writes the network as a safetensors file, whole or not at
    /// all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="classNames">One name for each class, or null.</param>
    /// <exception cref="TrainingFailedException">The loss of a step, or a weight, is not a number; nothing was
    /// written.</exception>
    /// <exception cref="CodatException">The file cannot be written; the message names it.</exception>
    public void Save(string path, IReadOnlyList<string>? classNames = null)
    {
        using var use = _gate.Begin();
        Training.CheckLast();
        Fork(null);
        try
        {
            EngineWeights.Save(Network, Training.Count, path, classNames);
        }
        finally
        {
            Join();
        }
    }

    /// <summary>
    /// Takes the weights and running statistics of a file, and forgets momentum, class averages and failed steps.
    /// </summary>
    /// <exception cref="CodatException">The file is unreadable or of another network; nothing was changed.</exception>
    public void Load(string path)
    {
        using var use = _gate.Begin();
        var (weights, running) = EngineWeights.Read(Network, path);
        Fork(null);
        try
        {
            Network.Weights.CopyFrom<float>(weights);
            Network.RunningStatistics?.CopyFrom<float>(running);
            Training.Restart();
            Scorer.WeightsChanged();
        }
        finally
        {
            Join();
        }
    }

    /// <summary>
    /// Waits for the engine's own work and gives everything back; context, streams and memory resource stay as they
    /// are.
    /// </summary>
    public void Dispose()
    {
        if (!_gate.Close()) return;
        _device.WaitForWork();
        _scorer?.Dispose();
        _step?.Dispose();
        _import?.Dispose();
        if (_options.Network is null) _network?.Dispose();
        _device.Dispose();
    }

    internal bool IsStepReady(long number)
    {
        using var use = _gate.Enter();
        return Training.IsReady(number);
    }

    internal void ReadStep(long number, StepReport report)
    {
        using var use = _gate.Enter();
        Training.Read(number, report);
    }

    internal Predictions ReadPredictions(long number, int rows)
    {
        using var use = _gate.Enter();
        return Scorer.Predictions(number, rows);
    }

    internal BatchEvaluation ReadEvaluation(AttackSpec? attack, long clean, long attacked, int rows)
    {
        using var use = _gate.Enter();
        return Scorer.Evaluation(attack, clean, attacked, rows);
    }

    private void Build()
    {
        try
        {
            _network = _options.Network ?? EngineWeights.Create(_options, _device.Device);
            _import = BatchImport.Create(_network, Batch);
            _step = new EngineStep(_network, _options, _import, _device.IsAdopted);
            _scorer = new EngineScorer(_network, Batch, _options.Seed, _import);
        }
        finally
        {
            Join();
        }
    }

    private void BeginStep()
    {
        _device.Context?.Drain();
        Training.ThrowIfFailed();
    }

    private StepReading MakeStep(int? epoch)
    {
        Training.Run(epoch);
        Scorer.WeightsChanged();
        return new StepReading(this, Training.Count);
    }

    private EvaluationReading Score(AttackSpec? attack, int rows)
    {
        var clean = Scorer.Score();
        return new EvaluationReading(this, attack, clean, attack is null ? clean : Scorer.Attack(attack), rows);
    }

    private void Fork(CudaEvent? ready) => _device.Link?.Fork(ready);

    private void Join() => _device.Link?.Join();
}
