using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Shows the network images that projected gradient ascent made on another one; judged at those images alone.
/// </summary>
/// <remarks>
/// Whoever masks gradients does not mask those of others (Papernot et al. 2017, arXiv 1602.02697). The network's own
/// gradients are never asked for. Owns its programs, neither of the networks.
/// </remarks>
internal sealed class TransferAttack : IImageAttack
{
    /// <summary>The attack that makes the images.</summary>
    internal const string Made = "pgd-20";

    /// <summary>The name of its row.</summary>
    internal const string Name = "transfer";

    private readonly AttackProgram _maker, _scorer;
    private readonly BatchScores _scores;
    private readonly float[] _images;
    private ImageSource? _source;

    /// <exception cref="CodatException">The surrogate takes other images, or knows other classes.</exception>
    public TransferAttack(Network network, Network surrogate, AttackSpec spec, int batch, ulong seed)
    {
        Check(network.Spec, surrogate.Spec, surrogate.Spec.Model);
        _maker = new AttackProgram(surrogate, spec, batch, seed);
        _scorer = new AttackProgram(network, null, batch, seed);
        _scores = new BatchScores(_scorer);
        _images = new float[_maker.Iterate.Shape.Count];
    }

    public int Batch => _scorer.Batch;

    /// <summary>The attack as a part of an evaluation.</summary>
    public static ResolvedAttack Of(Norm norm, Magnitude eps, Magnitude step) =>
        AttackExpression.Parse(Made, Name).Resolve(norm, eps, step) with { Name = Name, Kind = AttackKind.Transfer };

    /// <summary>Refuses a surrogate whose images or classes are not those of the network.</summary>
    /// <param name="network">The network evaluated.</param>
    /// <param name="surrogate">The other one.</param>
    /// <param name="where">What to call it in the message.</param>
    public static void Check(NetworkSpec network, NetworkSpec surrogate, string where)
    {
        if (Text(network) == Text(surrogate)) return;
        throw new CodatException("the surrogate does not fit the network", where, Text(network), Text(surrogate),
            "give weights that were trained on such images and classes");
    }

    public void WeightsChanged()
    {
        _maker.WeightsChanged();
        _scorer.WeightsChanged();
    }

    public void Run(IDataset images, ReadOnlySpan<int> which, AttackStage stage, AttackOutcome outcome,
        CancellationToken cancellation)
    {
        if (_source?.Images != images) _source = new ImageSource(images, Batch);
        _source.Load(which, _maker);
        _maker.Run(stage.Restart);
        _source.Load(which, _scorer);
        HostFloats.Read(_maker.Iterate, _images);
        HostFloats.Write(_scorer.Clean, _images);
        _scorer.Score();
        _scores.Read();
        for (var row = 0; row < which.Length; row++)
            Join(which[row], row, images.Label(which[row]), stage, outcome);
    }

    public void Dispose()
    {
        _maker.Dispose();
        _scorer.Dispose();
    }

    private void Join(int image, int row, int label, AttackStage stage, AttackOutcome outcome)
    {
        var isRight = _scores.Predicted[row] == label;
        outcome.Predicted[image] = _scores.Predicted[row];
        outcome.Loss[image] = _scores.Loss[row];
        if (!isRight && outcome.Step[image] == AttackOutcome.Never)
            outcome.Step[image] = stage.StepsBefore + stage.Steps;
        if (!outcome.Correct[image]) return; // wrong when clean: the clean image decided
        outcome.Margin[image] = _scores.Margin(row);
        outcome.Correct[image] = isRight;
    }

    private static string Text(NetworkSpec spec) =>
        $"{spec.Height}x{spec.Width}x{spec.Channels} images, {spec.Classes} classes";
}
