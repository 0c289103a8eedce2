using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Accuracy under attack, image by image: clean first, then each attack on its own on the images that are right when
/// clean.
/// </summary>
/// <remarks>
/// Later restarts, and the later parts of a composition, run on survivors only. Randomness is keyed by sample id,
/// restart and step, so outcomes do not depend on batch size, order or threads, nor on where an attack was interrupted.
/// Keeps compiled programs; call <see cref="WeightsChanged"/> after the network has learned.
/// </remarks>
public sealed class Evaluator : IDisposable
{
    private readonly Network _network;
    private readonly EvaluatorOptions _options;
    private readonly Dictionary<object, IImageAttack> _attacks = [];
    private readonly AttackProgram _scorer;

    /// <summary>Creates an evaluator of a network.</summary>
    public Evaluator(Network network, EvaluatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        (_network, _options) = (network, options);
        _scorer = new AttackProgram(network, null, options.Batch, options.Seed);
    }

    /// <summary>Prepares weights anew after a training step or a load.</summary>
    public void WeightsChanged()
    {
        _scorer.WeightsChanged();
        foreach (var attack in _attacks.Values) attack.WeightsChanged();
    }

    /// <summary>Outcomes on clean images.</summary>
    public AttackOutcome Clean(IDataset images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        var outcome = new AttackOutcome(images.Count);
        var source = new ImageSource(images, _scorer.Batch);
        var scores = new BatchScores(_scorer);
        foreach (var batch in Enumerable.Range(0, images.Count).Chunk(_scorer.Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            source.Load(batch, _scorer);
            _scorer.Score();
            scores.Read();
            for (var row = 0; row < batch.Length; row++) Take(outcome, batch[row], scores, row, images);
            _options.Progress?.Invoke("clean", batch[^1] + 1, images.Count);
        }
        return outcome;
    }

    /// <summary>Outcomes under an attack, given those on clean images.</summary>
    /// <exception cref="CodatException">The attack needs more classes than the network has.</exception>
    public AttackOutcome Attack(
        IDataset images, ResolvedAttack attack, AttackOutcome clean, CancellationToken cancellation = default) =>
        Continue(images, AttackProgress.Begin(attack, clean), cancellation);

    /// <summary>
    /// Outcomes under an attack that has come some way: the same as those of a run in one go. Writes into the outcome
    /// of the progress, and returns it.
    /// </summary>
    /// <exception cref="ArgumentException">The outcome is not of these images.</exception>
    /// <exception cref="CodatException">The attack needs more classes than the network has.</exception>
    public AttackOutcome Continue(
        IDataset images, AttackProgress progress, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(progress);
        if (progress.Outcome.Correct.Length != images.Count)
            throw new ArgumentException(
                $"the progress is of {progress.Outcome.Correct.Length} images, the split has {images.Count}",
                nameof(progress));
        var stages = AttackStage.Of(progress.Attack, _network.Spec.Classes);
        if (_options.Telemetry && progress is { Stage: 0, Next: 0, Attack.IsTraceable: true })
            progress.Outcome.Telemetry = Begin(progress, images.Count, stages);
        for (var stage = progress.Stage; stage < stages.Count; stage++)
        {
            var next = stage == progress.Stage ? progress.Next : 0;
            Run(images, progress with { Stage = stage, Next = next }, stages[stage], cancellation);
        }
        return progress.Outcome;
    }

    /// <summary>Releases the compiled programs.</summary>
    public void Dispose()
    {
        _scorer.Dispose();
        foreach (var attack in _attacks.Values) attack.Dispose();
    }

    /// <summary>Whether what was kept of an attack has the telemetry that is wanted, and no other.</summary>
    internal bool CanContinue(AttackProgress progress) =>
        progress.Outcome.Telemetry is not null == (_options.Telemetry && progress.Attack.IsTraceable);

    private void Run(IDataset images, AttackProgress progress, AttackStage stage, CancellationToken cancellation)
    {
        var outcome = progress.Outcome;
        var all = _options.AttackAllImages && progress.Stage == 0;
        var alive = Enumerable.Range(0, images.Count).Where(i => i >= progress.Next && (all || outcome.Correct[i]));
        var which = alive.ToArray();
        var attack = Compiled(stage.Part);
        var done = 0;
        foreach (var batch in which.Chunk(attack.Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            attack.Run(images, batch, stage, outcome, cancellation);
            done += batch.Length;
            _options.Progress?.Invoke(progress.Attack.Name, done, which.Length);
            _options.AfterBatch?.Invoke(progress with
            {
                Next = batch[^1] + 1, Part = stage.Part.Name, Restart = stage.Restart, Images = batch,
            });
        }
    }

    private Network Surrogate => _options.Surrogate
        ?? throw new CodatException("transfer needs another network to make its images on", "the attack transfer",
            "a surrogate", "none", "give --surrogate, or EvaluatorOptions.Surrogate");

    private IImageAttack Compiled(ResolvedAttack part)
    {
        var pgd = AttackSpec.Of(part);
        object key = pgd is null ? WalkSpec.Of(part, _network.Spec.Classes, _options.Seed) : pgd;
        if (part.Kind == AttackKind.Transfer) key = part;
        if (_attacks.TryGetValue(key, out var attack)) return attack;
        attack = part.Kind == AttackKind.Transfer
            ? new TransferAttack(_network, Surrogate, pgd!, _options.Batch, _options.Seed) // it is such an attack
            : key is WalkSpec walk
            ? new WalkAttack(_network, walk, _options.Batch, _options.Telemetry)
            : new PgdAttack(_network, pgd!, _options.Batch, _options.Seed, _options.Telemetry); // one of the two is
        _attacks.Add(key, attack);
        return attack;
    }

    /// <summary>Telemetry of an attack that has not begun, whose outcomes are those of the clean images.</summary>
    private AttackTelemetry Begin(AttackProgress progress, int images, IReadOnlyList<AttackStage> stages)
    {
        var (s, outcome) = (_network.Spec, progress.Outcome);
        int[] steps = [.. stages.Where(stage => stage.Restart == 0).Select(stage => stage.Steps)];
        var telemetry = new AttackTelemetry(images, s.Classes, s.Height * s.Width * s.Channels, steps);
        var climbsMargin = progress.Attack.Kind == AttackKind.Cw;
        for (var i = 0; i < images; i++)
            telemetry.CleanLoss[i] = climbsMargin ? -outcome.Margin[i] : outcome.Loss[i];
        return telemetry;
    }

    private static void Take(AttackOutcome outcome, int image, BatchScores scores, int row, IDataset images)
    {
        outcome.Predicted[image] = scores.Predicted[row];
        outcome.Loss[image] = scores.Loss[row];
        outcome.Margin[image] = scores.Margin(row);
        outcome.Correct[image] = scores.Predicted[row] == images.Label(image);
        outcome.Step[image] = outcome.Correct[image] ? AttackOutcome.Never : 0;
    }
}
