using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Accuracy under attack, image by image: clean first, then each attack on its own on the images that are right when
/// clean.
/// </summary>
/// <remarks>
/// Later restarts run on survivors only. Randomness is keyed by sample id, restart and step, so outcomes do not depend
/// on batch size, order or threads. Keeps compiled programs; call <see cref="WeightsChanged"/> after the network has
/// learned.
/// </remarks>
public sealed class Evaluator : IDisposable
{
    private readonly Network _network;
    private readonly EvaluatorOptions _options;
    private readonly Dictionary<AttackSpec, AttackProgram> _programs = [];
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
        foreach (var program in _programs.Values) program.WeightsChanged();
    }

    /// <summary>Outcomes on clean images.</summary>
    public AttackOutcome Clean(IDataset images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        var outcome = new AttackOutcome(images.Count);
        var all = All(images.Count);
        Each(images, all, _scorer, "clean", restart: 0, program => program.Score(), (image, row, scored) =>
        {
            outcome.Predicted[image] = scored.Predicted[row];
            outcome.Loss[image] = scored.Loss[row];
            outcome.Correct[image] = scored.Predicted[row] == images.Label(image);
        }, cancellation);
        return outcome;
    }

    /// <summary>Outcomes under an attack, given those on clean images.</summary>
    public AttackOutcome Attack(
        IDataset images, ResolvedAttack attack, AttackOutcome clean, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(attack);
        ArgumentNullException.ThrowIfNull(clean);
        if (AttackSpec.Of(attack) is not { } spec) return clean;
        var outcome = new AttackOutcome(images.Count);
        clean.Correct.CopyTo(outcome.Correct, 0);
        clean.Predicted.CopyTo(outcome.Predicted, 0);
        clean.Loss.CopyTo(outcome.Loss, 0);

        var program = Program(spec);
        for (var restart = 0; restart < attack.Restarts; restart++)
        {
            var all = _options.AttackAllImages && restart == 0;
            var alive = new List<int>();
            for (var i = 0; i < images.Count; i++) if (all || outcome.Correct[i]) alive.Add(i);
            var first = restart == 0;
            Each(images, [.. alive], program, attack.Name, restart, p => p.Run(), (image, row, scored) =>
            {
                outcome.Predicted[image] = scored.Predicted[row];
                if (first) outcome.Loss[image] = scored.Loss[row];
                outcome.Correct[image] &= scored.Predicted[row] == images.Label(image);
            }, cancellation);
        }
        return outcome;
    }

    /// <summary>Releases the compiled programs.</summary>
    public void Dispose()
    {
        _scorer.Dispose();
        foreach (var program in _programs.Values) program.Dispose();
    }

    private AttackProgram Program(AttackSpec spec)
    {
        if (!_programs.TryGetValue(spec, out var program))
            _programs.Add(spec, program = new AttackProgram(_network, spec, _options.Batch, _options.Seed));
        return program;
    }

    private void Each(IDataset images, int[] which, AttackProgram program, string what, int restart,
        Action<AttackProgram> run, Action<int, int, Scored> take, CancellationToken cancellation)
    {
        var source = new ImageSource(images, program.Batch);
        var scored = new Scored(program);
        program.Counters.CopyFrom<int>([0, restart]);
        for (var start = 0; start < which.Length; start += program.Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = which.AsSpan(start, Math.Min(program.Batch, which.Length - start));
            source.Load(rows, program);
            run(program);
            scored.Read(program);
            for (var row = 0; row < rows.Length; row++) take(rows[row], row, scored);
            _options.Progress?.Invoke(what, start + rows.Length, which.Length);
        }
    }

    private static int[] All(int count)
    {
        var all = new int[count];
        for (var i = 0; i < count; i++) all[i] = i;
        return all;
    }

    /// <summary>Predictions and losses of a batch on the host.</summary>
    private sealed class Scored(AttackProgram program)
    {
        public int[] Predicted { get; } = new int[program.Batch];

        public float[] Loss { get; } = new float[program.Batch];

        public void Read(AttackProgram from)
        {
            from.Predicted.CopyTo<int>(Predicted);
            if (from.Loss.Type == Autograd.DType.Float32) from.Loss.CopyTo<float>(Loss);
            else Array.ConvertAll(from.Loss.ToArray<double>(), v => (float)v).CopyTo(Loss, 0);
        }
    }
}
