using System.Diagnostics;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// A run's network, step and position; steps it forward and keeps its state. Knows no files but the state's.
/// </summary>
internal sealed class TrainingSession : IDisposable
{
    // A run should look alive; a reading every second costs nothing that can be measured.
    private static readonly TimeSpan s_readEvery = TimeSpan.FromSeconds(1);

    private readonly TrainOptions _options;
    private readonly TrainingData _data;
    private readonly IBatchSampler _sampler;
    private readonly ClassSampler? _drawn;
    private readonly Tensor? _stored;
    private readonly double[] _numbers = new double[StepRecord.Scalars];
    private readonly double[] _table;
    private BatchLoader? _loader;
    private long _launched, _read, _readable;
    private long _firstUnread;
    private double _dataSeconds;

    /// <summary>Builds the network and compiles its step.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="data">The images.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="saved">Where a run stands that is taken up: its weights replace those of <c>--init</c>, which need
    /// not be there.</param>
    public TrainingSession(TrainOptions options, TrainingData data, Device device, TrainingState? saved = null)
    {
        (_options, _data) = (options, data);
        var spec = data.NetworkSpec();
        if (saved is { Mean: { } mean, Std: { } std }) spec = spec with { Mean = mean, Std = std };
        Network = options.Init is null || saved is not null
            ? Network.Create(spec, device, options.Seed)
            : Initial(options.Init, spec, device);
        _stored = StoredImages.Upload(device, data.Published);
        Step = new StepProgram(Network, SpecOf(options), null, _stored);
        try
        {
            Step.Tensors.SetPrior(data.Prior);
            Radius = new EpochRadius(options, Step.Tensors.Radius);
            _drawn = Step.Method.CreateSampler(data.Train, options.Batch, options.Seed);
            if (EpochAverage.IsWanted(options)) Average = new EpochAverage(Network, options);
            Evaluated = options.Ema is null && Average is null
                ? Network
                : Network.Create(Network.Spec, device, options.Seed);
        }
        catch
        {
            Step.Dispose();
            _stored?.Dispose();
            throw;
        }
        _sampler = _drawn is null ? new BatchSampler(data.Train.Count, options.Batch, options.Seed) : _drawn;
        _table = new double[StepRecord.Rows * Network.Spec.Classes];
        Epoch = new EpochAccumulator(Network.Spec.Classes);
    }

    public Network Network { get; }

    /// <summary>The network that is evaluated and saved: the average where one is kept.</summary>
    public Network Evaluated { get; }

    /// <summary>The average of ends of epochs, where one is kept.</summary>
    public EpochAverage? Average { get; }

    public StepProgram Step { get; }

    public EpochAccumulator Epoch { get; }

    public EpochRadius Radius { get; }

    public int StepsPerEpoch => _sampler.BatchesPerEpoch;

    public long ScheduledSteps => (long)StepsPerEpoch * _options.Epochs;

    public long TotalSteps => Math.Min(ScheduledSteps, _options.MaxSteps ?? long.MaxValue);

    /// <summary>Steps made, on a CUDA device enqueued.</summary>
    public long StepsDone { get; private set; }

    /// <summary>Steps whose results are on the host.</summary>
    public long StepsRead => StepsDone - (_launched - _read);

    /// <summary>
    /// True when results must be read: an epoch or the run is over, no room is left for more, or an observer should
    /// hear of them. When they are read changes nothing of what they are.
    /// </summary>
    public bool IsReadingDue => _launched > _read && (_launched - _read == Step.Tensors.Ring.Length
        || BatchesInEpoch == 0 || StepsDone == TotalSteps || Stopwatch.GetElapsedTime(_firstUnread) >= s_readEvery);

    /// <summary>Why steps are not replayed from a graph for good; null where they are or may yet be.</summary>
    public string? EagerReason => Step.Replay is { GaveUp: true } replay ? replay.Failure : null;

    public int EpochsDone => (int)(StepsDone / StepsPerEpoch);

    public int BatchesInEpoch => (int)(StepsDone % StepsPerEpoch);

    /// <summary>
    /// True between the last step of an epoch, whole or cut short by <c>--max-steps</c>, and its evaluation.
    /// </summary>
    public bool EpochIsOver => Epoch.Count > 0 && (BatchesInEpoch == 0 || StepsDone == TotalSteps);

    /// <summary>The learning rate of the step last read.</summary>
    public double LearningRate { get; private set; }

    public ReadOnlySpan<double> Numbers => _numbers;

    public ReadOnlySpan<double> Table => _table;

    /// <summary>Makes one step; <see cref="ReadNext"/> gives its results.</summary>
    /// <exception cref="InvalidOperationException">As many steps are unread as may be.</exception>
    public void Advance(CancellationToken cancellation)
    {
        _loader ??= CreateLoader(cancellation);

        if (_launched - _read == Step.Tensors.Ring.Length) throw new InvalidOperationException("read the steps first");
        var start = Stopwatch.GetTimestamp();
        if (_launched == _read) _firstUnread = start;
        var slot = _loader.Next() ?? throw new InvalidOperationException("the loader ended before the run");
        Step.Tensors.Load(slot, RateOf(StepsDone));
        var loaded = Stopwatch.GetTimestamp();
        if (Step.Events is not null)
        {
            Step.Run();
            _dataSeconds += Seconds(start, loaded);
        }
        else
        {
            Step.Prepare();
            Step.Attack();
            var attacked = Stopwatch.GetTimestamp();
            Step.Update();
            Epoch.AddSeconds(
                Seconds(start, loaded), Seconds(loaded, attacked), Seconds(attacked, Stopwatch.GetTimestamp()));
        }
        if (_drawn is not null) Step.Method.Direct(_drawn);
        _loader.Return(slot);
        StepsDone++;
        _launched++;
    }

    /// <summary>Takes in the results of the next unread step; false if there is none.</summary>
    /// <exception cref="TrainingFailedException">A class risk was not a number; weights and statistics are as before
    /// the step, and so is the position.</exception>
    public bool ReadNext()
    {
        if (_read == _launched) return false;
        if (_read == _readable) ReadRing();
        var row = Step.Tensors.Ring[_read];
        if (row[StepRing.StatusAt] != 0)
        {
            // The device has left everything alone since; the steps that were on their way never were.
            StepsDone = StepsRead;
            (_launched, _readable) = (_read, _read);
            var bad = (int)row[StepRing.BadClassAt];
            throw TrainingFailedException.OfLoss(bad, _data.Published.ClassNames[bad], StepsDone + 1);
        }
        LearningRate = RateOf(StepsRead);
        row.Slice(StepRing.NumbersAt, StepRecord.Scalars).CopyTo(_numbers);
        row[StepRing.TableAt..].CopyTo(_table);
        Epoch.Add(_numbers, _table, (int)row[StepRing.RightAt]);
        Radius.Observe(_numbers);
        _read++;
        return true;
    }

    /// <summary>Brings the evaluated network up to date with the trained one.</summary>
    public void RefreshEvaluated()
    {
        if (Average is { Count: > 0 } epochs)
        {
            epochs.CopyTo(Evaluated);
            return;
        }
        if (Evaluated != Network) ShowTrained(Step.Tensors.Average ?? Network.Weights);
    }

    /// <summary>Has the evaluated network be the trained one for now, with these weights.</summary>
    public void ShowTrained(Tensor weights)
    {
        Evaluated.Weights.CopyFrom<float>(weights.ToArray<float>());
        if (Network.RunningStatistics is { } running && Evaluated.RunningStatistics is { } target)
            target.CopyFrom<float>(running.ToArray<float>());
    }

    /// <summary>Whether weights, velocity and running statistics are all finite.</summary>
    public bool IsFinite => IsAllFinite(Network.Weights) && IsAllFinite(Step.Tensors.Velocity)
        && (Network.RunningStatistics is not { } running || IsAllFinite(running));

    /// <summary>Refuses to go on with weights that are not finite: nothing of them may be saved.</summary>
    /// <exception cref="TrainingFailedException">They are not.</exception>
    public void CheckFinite()
    {
        if (!IsFinite) throw TrainingFailedException.OfWeights(StepsDone);
    }

    /// <summary>Every tensor of the state, by name.</summary>
    public IReadOnlyList<(string Name, double[]? Doubles, float[]? Floats)> Tensors()
    {
        var list = new List<(string, double[]?, float[]?)>
        {
            ("weights", null, Network.Weights.ToArray<float>()),
            ("velocity", null, Step.Tensors.Velocity.ToArray<float>()),
            ("risk-averages", Step.Tensors.Record.Averages.ToArray<double>(), null),
            ("epoch", (double[])Epoch.Values.Clone(), null),
        };
        if (Network.RunningStatistics is { } running) list.Add(("running", null, running.ToArray<float>()));
        if (Step.Tensors.Average is { } average) list.Add(("average", null, average.ToArray<float>()));
        if (Average is { } epochs)
        {
            list.Add(("epoch-average", null, (float[])epochs.Values.Clone()));
            list.Add(("epoch-average-epochs", (double[])epochs.Epochs.Clone(), null));
        }
        if (Radius.State is { } radius) list.Add(radius);
        foreach (var tensor in Step.Method.State) list.Add((tensor.Name, tensor.ToArray<double>(), null));
        return list;
    }

    /// <summary>Puts a saved state back.</summary>
    /// <exception cref="CodatException">A number of it is impossible for this run, or a tensor is missing, of another
    /// size or not finite. The session is of no use then.</exception>
    public void Restore(SafeTensorsFile tensors, TrainingState state)
    {
        state.Check(StepsPerEpoch, TotalSteps);
        SavedTensors.Put<float>(tensors, "weights", Network.Weights);
        SavedTensors.Put<float>(tensors, "velocity", Step.Tensors.Velocity);
        SavedTensors.Put<double>(tensors, "risk-averages", Step.Tensors.Record.Averages);
        if (Network.RunningStatistics is { } running) SavedTensors.Put<float>(tensors, "running", running);
        if (Step.Tensors.Average is { } average) SavedTensors.Put<float>(tensors, "average", average);
        if (Average is { } epochs)
        {
            SavedTensors.ReadFinite<float>(tensors, "epoch-average", epochs.Values.Length).CopyTo(epochs.Values, 0);
            SavedTensors.ReadFinite<double>(tensors, "epoch-average-epochs", epochs.Epochs.Length)
                .CopyTo(epochs.Epochs, 0);
            if (!epochs.IsPossible(state.MetricLines))
                throw SavedTensors.Unfit("epoch-average-epochs", $"epochs of a run of {state.MetricLines}",
                    string.Join(", ", epochs.Epochs));
        }
        Radius.Restore(tensors);
        foreach (var tensor in Step.Method.State) SavedTensors.Put<double>(tensors, tensor.Name, tensor);
        SavedTensors.ReadFinite<double>(tensors, "epoch", Epoch.Values.Length).CopyTo(Epoch.Values, 0);
        if (Epoch.Values[0] is not (>= 0 and var count) || count > StepsPerEpoch || count != Math.Floor(count))
            throw SavedTensors.Unfit("epoch", $"sums over 0 to {StepsPerEpoch} steps", $"{Epoch.Values[0]}");
        StepsDone = state.Step;
        LearningRate = StepsDone == 0 ? 0 : RateOf(StepsDone - 1);
    }

    public void Dispose()
    {
        _loader?.Dispose();
        Step.Dispose();
        _stored?.Dispose();
        if (Evaluated != Network) Evaluated.Dispose();
        Network.Dispose();
    }

    private BatchLoader CreateLoader(CancellationToken cancellation)
    {
        if (_drawn is not null) Step.Method.Direct(_drawn);
        return new BatchLoader(new BatchLoaderOptions
        {
            Dataset = _data.Train, Sampler = _sampler, Seed = _options.Seed, StartEpoch = EpochsDone,
            StartBatch = BatchesInEpoch, EndEpoch = _options.Epochs, Augment = AugmentOf(_options.Augment),
            Layout = Step.Tensors.Layout,
            // What the next batch is drawn by is known after this step.
            Slots = _drawn is null ? BatchLoaderOptions.DefaultSlots : 1,
        }, cancellation);
    }

    private void ReadRing()
    {
        Step.Tensors.Ring.Read();
        _readable = _launched;
        if (Step.Events is not { } events) return;
        // The host knows how long all took, the device how the last one was divided.
        var attack = events.Seconds(PhaseEvents.Start, PhaseEvents.Attacked);
        var update = events.Seconds(PhaseEvents.Attacked, PhaseEvents.Updated);
        var share = attack + update > 0 ? attack / (attack + update) : 0;
        var seconds = Math.Max(0, Seconds(_firstUnread, Stopwatch.GetTimestamp()) - _dataSeconds);
        Epoch.AddSeconds(_dataSeconds, seconds * share, seconds * (1 - share));
        _dataSeconds = 0;
    }

    private double RateOf(long step) =>
        _options.Schedule.LearningRate(step, ScheduledSteps, StepsPerEpoch, _options.Lr);

    private static bool IsAllFinite(Tensor tensor)
    {
        foreach (var value in tensor.ToArray<float>())
            if (!float.IsFinite(value)) return false;
        return true;
    }

    private static Network Initial(string path, NetworkSpec spec, Device device)
    {
        var own = SafeTensorsFileHasSpec(path);
        var loaded = WeightFile.Load(path, device, own is null ? spec : null);
        var found = loaded.Network.Spec;
        if (found.Model == spec.Model && found.Classes == spec.Classes && found.Height == spec.Height
            && found.Width == spec.Width && found.Channels == spec.Channels)
            return loaded.Network;
        loaded.Network.Dispose();
        throw new CodatException(
            "the weights are of another network", $"--init {path}", Describe(spec), Describe(found),
            "give the --model and --dataset they were made for");
    }

    private static NetworkSpec? SafeTensorsFileHasSpec(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        return file.Metadata.ContainsKey("codat.model") ? WeightFile.ReadSpec(path) : null;
    }

    private static string Describe(NetworkSpec s) =>
        $"{s.Model} {s.Height}x{s.Width}x{s.Channels}, {s.Classes} classes";

    private static AugmentRecipe AugmentOf(AugmentKind kind) => kind switch
    {
        AugmentKind.Crop4 => AugmentRecipe.Crop4,
        AugmentKind.Crop4Flip => AugmentRecipe.Crop4Flip,
        _ => AugmentRecipe.None,
    };

    internal static StepSpec SpecOf(TrainOptions o) => new()
    {
        Batch = o.Batch, Loss = o.Loss, Beta = o.Beta, Norm = o.Norm, Epsilon = o.Eps.Value, StepSize = o.Step.Value,
        AttackSteps = o.Steps,
        Start = o.Start, AttackBatchNorm = o.AttackBn, LabelSmoothing = o.LabelSmoothing, Momentum = o.Momentum,
        Nesterov = o.Nesterov, WeightDecay = o.WeightDecay, AverageDecay = o.AverageGate is null ? o.Ema : null,
        Awp = o.Awp, Seed = o.Seed, Precision = o.Precision,
        ClassWeights = new ClassWeightSpec
        {
            Kind = o.ClassWeights, Solver = o.Weights, Variance = o.Variance, Numbers = o.Set,
            MeasuresNoise = o.EtaRule == EtaRule.Noise,
            Policy = o.Risk.Decay is { } decay ? ClassRiskPolicy.Average(decay)
                : o.Missing == MissingPolicy.Ema ? ClassRiskPolicy.BatchFilled : ClassRiskPolicy.Batch,
        },
    };

    private static double Seconds(long from, long to) => (to - from) / (double)Stopwatch.Frequency;
}
