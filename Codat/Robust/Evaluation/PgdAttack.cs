using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Projected gradient ascent judged at its last iterate: <c>fgsm</c>, <c>pgd-K</c>, <c>cw-K</c>.</summary>
internal sealed class PgdAttack(Network network, AttackSpec spec, int batch, ulong seed, bool isTraced) : IImageAttack
{
    private readonly AttackProgram _program = new(network, spec, batch, seed, options: null, isTraced);
    private BatchScores? _scores;
    private ImageSource? _source;
    private PgdTrace? _trace;

    public int Batch => _program.Batch;

    public void WeightsChanged() => _program.WeightsChanged();

    public void Run(IDataset images, ReadOnlySpan<int> which, AttackStage stage, AttackOutcome outcome,
        CancellationToken cancellation)
    {
        if (_source?.Images != images) _source = new ImageSource(images, Batch);
        _source.Load(which, _program);
        _program.Run(stage.Restart);
        (_scores ??= new BatchScores(_program)).Read();
        for (var row = 0; row < which.Length; row++)
            Join(which[row], row, images.Label(which[row]), stage, outcome);
        if (outcome.Telemetry is not { } telemetry || _program.Trace is not { } trace) return;
        (_trace ??= new PgdTrace(_program, spec, trace)).Take(which, stage, _source, _scores, telemetry);
    }

    public void Dispose() => _program.Dispose();

    private void Join(int image, int row, int label, AttackStage stage, AttackOutcome outcome)
    {
        var scores = _scores!; // read before
        var isRight = scores.Predicted[row] == label;
        outcome.Predicted[image] = scores.Predicted[row];
        if (stage.IsFirst) outcome.Loss[image] = scores.Loss[row];
        if (outcome.Step[image] == AttackOutcome.Never)
        {
            var first = scores.FirstSuccess[row];
            if (first < 0 && !isRight) first = spec.Steps;
            if (first >= 0) outcome.Step[image] = stage.StepsBefore + Math.Max(1, first);
        }
        if (!outcome.Correct[image]) return; // wrong when clean: the clean image decided
        var margin = scores.Margin(row);
        outcome.Margin[image] = stage.IsFirst || !isRight ? margin : Math.Min(outcome.Margin[image], margin);
        outcome.Correct[image] = isRight;
    }
}
