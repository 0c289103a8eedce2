using System.Diagnostics;
using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>One run under way: steps, evaluations, saved states and the files of its folder.</summary>
internal sealed class TrainingRun : IDisposable
{
    private const string WeightsDescription = "codat.config";

    private static readonly string[] s_notOfTheWeights = ["device", "threads", "save-every"];

    private readonly RunFolder _folder;
    private readonly TrainOptions _options;
    private readonly TrainingData _data;
    private readonly TrainingSession _session;
    private readonly Device _device;
    private readonly ITrainingObserver? _observer;
    private readonly StateStore _store;
    private readonly Evaluator _evaluator;
    private readonly AverageKeeper? _average;
    private readonly RunFiles _files;
    private readonly GuessingNote _guessing;
    private readonly string _configHash;
    private TrainingState _state;
    private bool _isEagerNoted;
    private long _lastSave = Stopwatch.GetTimestamp();

    public TrainingRun(
        RunFolder folder, TrainOptions options, TrainingData data, TrainingSession session, Device device,
        ITrainingObserver? observer)
    {
        (_folder, _options, _data, _session, _device, _observer) = (folder, options, data, session, device, observer);
        _configHash = TrainConfig.Hash(options);
        _store = new StateStore(folder);
        _state = new TrainingState { ConfigHash = _configHash };
        _files = new RunFiles(folder, options, data, device);
        _guessing = new GuessingNote(data.Published.ClassNames, options.Lr);
        try
        {
            _evaluator = new Evaluator(session.Evaluated, new EvaluatorOptions
            {
                Batch = Math.Min(EvaluatorOptions.DefaultBatch, data.Validation?.Count ?? 1), Seed = options.Seed,
                Progress = (what, done, total) => observer?.Progressed(what, done, total),
            });
            _average = AverageKeeper.Of(session, options, data);
        }
        catch
        {
            // The session is this run's from here on.
            _evaluator?.Dispose();
            session.Dispose();
            throw;
        }
    }

    /// <summary>Why the device is not the one that was wanted most, for the observer; null where it is.</summary>
    public string? DeviceNote { get; init; }

    /// <summary>Why a run taken up computes with other plans than before; null where it does not.</summary>
    public string? PlanNote { get; init; }

    /// <summary>Commits the state.</summary>
    /// <exception cref="TrainingFailedException">It holds something that is not a finite number; the previous state
    /// stands.</exception>
    public void SaveState()
    {
        ReadSteps();
        _session.CheckFinite();
        // The step log first: one that is ahead of the state is cut back by a resume, one that is behind would be lost.
        _files.SaveSteps();
        _store.Save(_state with
        {
            Step = _session.StepsDone, Epoch = _session.EpochsDone, Batch = _session.BatchesInEpoch,
            DataHash = _data.Published.ContentHash, Mean = [.. _session.Network.Spec.Mean],
            Std = [.. _session.Network.Spec.Std],
        }, _session.Tensors(), PinnedPlans.Of(_device));
        _lastSave = Stopwatch.GetTimestamp();
    }

    /// <summary>
    /// Takes up the committed state; a folder whose process ended before the first commit starts at the beginning.
    /// </summary>
    public void LoadState()
    {
        if (!_store.Exists)
        {
            SaveState();
            return;
        }
        var (state, tensors) = _store.Load(_configHash, _data.Published.ContentHash);
        using (tensors) _session.Restore(tensors, state);
        // Only now, when nothing can be wrong with the state any more, is anything of the run put back.
        _store.RestoreFiles();
        _state = state;
    }

    public TrainResult Execute(CancellationToken cancellation)
    {
        _files.Open(_state.MetricLines, _session.StepsDone);
        _files.WriteManifest();
        _observer?.Started(new TrainingStart
        {
            Run = _folder.Path, Dataset = _options.Dataset, Model = _options.Model, Epochs = _options.Epochs,
            Objective = SettingNames.Objectives.Print(_options.Objective), Device = _device.Description,
            DeviceNote = DeviceNote,
            ClassNames = _data.Published.ClassNames,
            StepsPerEpoch = _session.StepsPerEpoch, TotalSteps = _session.TotalSteps, FirstStep = _session.StepsDone,
            Tensorboard = _options.Tensorboard,
        });
        if (PlanNote is { } changed) Note(changed);
        try
        {
            if (_state.Stopped is null && !TrainAll(cancellation)) return Cancelled();
            return Finish(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Cancelled();
        }
        catch (TrainingFailedException failure)
        {
            return Failed(failure);
        }
    }

    public void Dispose()
    {
        _average?.Dispose();
        _evaluator.Dispose();
        _session.Dispose();
    }

    /// <summary>Trains to the end; false if it was cancelled.</summary>
    private bool TrainAll(CancellationToken cancellation)
    {
        while (true)
        {
            // Asked here and not after the step, so that a run cancelled in an evaluation makes up for it.
            if (_session.EpochIsOver) EndEpoch(cancellation);
            if (_state.Stopped is not null || _session.StepsDone == _session.TotalSteps) break;
            if (cancellation.IsCancellationRequested) return false;
            _session.Advance(cancellation);
            if (_session.IsReadingDue) ReadSteps();
            NoteEagerSteps();
            if (!_session.EpochIsOver && _options.SaveEvery.Value is { } every
                && Stopwatch.GetElapsedTime(_lastSave) >= every)
                SaveState();
        }
        if (_state.Stopped is null) _state = _state with { Stopped = "done" };
        SaveState();
        return true;
    }

    /// <summary>Takes in what the steps since the last reading left behind.</summary>
    private void ReadSteps()
    {
        while (_session.ReadNext())
        {
            _files.AddStep(_session);
            _observer?.Stepped(
                new TrainingStep((int)((_session.StepsRead - 1) / _session.StepsPerEpoch) + 1, _session.StepsRead,
                _session.Numbers[StepRecord.LossAt], _session.LearningRate));
        }
    }

    private void NoteEagerSteps()
    {
        if (_isEagerNoted || _session.EagerReason is not { } reason) return;
        _isEagerNoted = true;
        Note($"the steps run one operation at a time, slower and with the same results: no CUDA graph ({reason})");
    }

    private void Note(string line)
    {
        _files.Remark(line);
        _observer?.Noted(line);
    }

    private void EndEpoch(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var epoch = _state.MetricLines + 1;
        _session.CheckFinite();
        _average?.EndEpoch(epoch, () => Validate(cancellation).Robust,
            (what, done, total) => _observer?.Progressed(what, done, total), cancellation);
        _session.RefreshEvaluated();
        var (clean, robust) = Validate(cancellation);
        TellMethod(epoch, clean, robust, cancellation);
        if (_guessing.After(epoch, Summary(clean)) is { } guesses) Note(guesses);
        var metrics = _session.Epoch.ToMetrics(
            epoch, _session.StepsDone, _session.LearningRate, _options.Batch, Summary(clean), Summary(robust),
            Stopwatch.GetElapsedTime(start).TotalSeconds, _device.PeakBytes) with { Eta = _session.Radius.Chosen };

        var (worst, average) = (robust?.Accuracy.Worst ?? double.NaN, robust?.Accuracy.Average ?? double.NaN);
        var improved = _state.BestEpoch == 0 || worst > _state.BestWorst;
        var better = robust is null || improved || (worst == _state.BestWorst && average >= _state.BestAverage);
        if (better) _state = _state with { BestEpoch = epoch, BestWorst = worst, BestAverage = average };
        if (improved) _state = _state with { ImprovedEpoch = epoch };
        var stale = _options.EarlyStop is { } patience && robust is not null
            && epoch - _state.ImprovedEpoch >= patience;
        _state = _state with { MetricLines = epoch, Stopped = stale ? "early" : null };

        _files.AddEpoch(metrics, clean, robust);
        WriteWeights(_folder.LastPath, epoch);
        if (better) WriteWeights(_folder.BestPath, epoch);
        _session.Epoch.Clear();
        _session.Radius.EndEpoch(robust);
        RobustMeters.Record(metrics, _data.Published.ClassNames);
        // Before the commit: what an observer keeps beyond the state is cut back by a resume, what it lacks is lost.
        _observer?.EpochEnded(metrics, better);
        SaveState();
    }

    private (AttackResult? Clean, AttackResult? Robust) Validate(CancellationToken cancellation)
    {
        if (_data.Validation is not { } images) return (null, null);
        _evaluator.WeightsChanged();
        var clean = _evaluator.Clean(images, cancellation);
        var attack = Resolve(_options.ValAttack);
        var outcome = _evaluator.Attack(images, attack, clean, cancellation);
        return (EvaluationRun.Summarise("clean", images, clean), EvaluationRun.Summarise(attack.Name, images, outcome));
    }

    private void TellMethod(int epoch, AttackResult? clean, AttackResult? robust, CancellationToken cancellation)
    {
        double[] losses = [];
        if (_session.Step.Method.WantsLosses && _data.Validation is { } images)
        {
            losses = LossAudit.ClassMeans(_session.Step, images, epoch, cancellation);
            var bad = Array.FindIndex(losses, double.IsInfinity);
            if (bad >= 0)
                throw TrainingFailedException.OfLoss(bad, _data.Published.ClassNames[bad], _session.StepsDone);
        }
        _session.Step.Method.EndEpoch(
            new EpochClasses(epoch, _options.Epochs, ByClass(clean), ByClass(robust), losses));
    }

    private TrainResult Finish(CancellationToken cancellation)
    {
        var chosen = ChosenWeights.Of(_folder, _state);
        using var best = WeightFile.Load(chosen.Path, _device).Network;
        var final = new FinalEvaluation(
            _options, chosen, _data, best, (what, done, total) => _observer?.Progressed(what, done, total))
        {
            Eta = _session.Radius.Value,
        };
        var (validation, optimal) = final.Validation(cancellation);
        var test = final.Test(_files, cancellation);
        final.WriteExamples(cancellation);
        var result = new FinalResult
        {
            Epochs = EpochsCompleted, Objective = SettingNames.Objectives.Print(_options.Objective),
            Stopped = _state.Stopped ?? "done",
            Best = new BestEpoch(_state.BestEpoch, BestWorst), Validation = validation, Test = test,
            OptimalWeights = optimal, ImagesPerSecond = _files.ImagesPerSecond, PeakBytes = _device.PeakBytes,
        };
        _folder.Write(result);
        if (_session.Average is { } average) _files.Remark(average.Describe());
        _files.WriteManifest();
        ReportWriter.WriteFor(_folder.Path);
        _state = _state with { Finished = true };
        SaveState();
        return RunFiles.Result(_folder, result);
    }

    private TrainResult Cancelled()
    {
        try
        {
            ReadSteps();
        }
        catch (TrainingFailedException failure)
        {
            return Failed(failure);
        }
        SaveIfFinite();
        return Unfinished("cancelled");
    }

    private TrainResult Failed(TrainingFailedException failure)
    {
        SaveIfFinite();
        return Unfinished("nan") with { Failure = failure };
    }

    // A step can leave weights that are not finite before the next one notices: then the previous state is the last
    // good one.
    private void SaveIfFinite()
    {
        if (_session.IsFinite) SaveState();
    }

    private TrainResult Unfinished(string stopped) => RunFiles.Result(_folder, new FinalResult
    {
        Epochs = EpochsCompleted, Objective = SettingNames.Objectives.Print(_options.Objective), Stopped = stopped,
        Best = new BestEpoch(_state.BestEpoch, BestWorst), Validation = null, Test = null, OptimalWeights = null,
        ImagesPerSecond = _files.ImagesPerSecond, PeakBytes = _device.PeakBytes,
    });

    private int EpochsCompleted => _session.EpochsDone;

    private double BestWorst => double.IsFinite(_state.BestWorst) ? _state.BestWorst : double.NaN;

    private void WriteWeights(string path, int epoch) =>
        WeightFile.Save(_session.Evaluated, path, _data.Published.ClassNames,
        new Dictionary<string, string>
        {
            [WeightsDescription] = Description(),
            ["codat.epoch"] = SettingText.Print(epoch),
            ["codat.dataset"] = _options.Dataset,
            ["codat.norm"] = SettingNames.Norms.Print(_options.Norm),
            ["codat.eps"] = _options.Eps.Text,
            ["codat.step"] = _options.Step.Text,
        });

    /// <summary>The settings, less those that say how and not what is computed: equal runs leave equal files.</summary>
    private string Description()
    {
        var settings = TrainConfig.ToJson(_options);
        foreach (var name in s_notOfTheWeights) settings.Remove(name);
        return settings.ToJsonString();
    }

    private ResolvedAttack Resolve(AttackExpression attack) =>
        attack.Resolve(_options.Norm, _options.Eps, _options.Step);

    private static double[] ByClass(AttackResult? result) =>
        result is null ? [] : [.. result.Accuracy.PerClass.Select(c => c.Accuracy)];

    private static AccuracySummary? Summary(AttackResult? result) => result is null
        ? null
        : new AccuracySummary(
            result.Accuracy.Average, result.Accuracy.Worst, [.. result.Accuracy.PerClass.Select(c => c.Accuracy)]);
}
