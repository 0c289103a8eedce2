using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Predictions and attacks on the network being trained; programs are compiled at their first use.</summary>
internal sealed class EngineScorer(Network network, int batch, ulong seed, BatchImport import) : IDisposable
{
    /// <summary>Results kept of each program.</summary>
    private const int Kept = 8;

    private const int PredictedAt = 0, LossAt = 1, LabelsAt = 2, LogitsAt = 3;

    private readonly Dictionary<AttackSpec, Lane> _attacks = [];
    private Lane? _clean;

    /// <summary>The program that scores images as they are.</summary>
    public BatchTarget Target => Clean.Target;

    private Lane Clean => _clean ??= new Lane(new AttackProgram(network, null, batch, seed), withLogits: true);

    /// <summary>Prepares weights anew wherever they are used, before anything is enqueued that needs them.</summary>
    public void WeightsChanged()
    {
        if (_clean is not null) _clean.IsStale = true;
        foreach (var attack in _attacks.Values) attack.IsStale = true;
    }

    /// <summary>Compiles what a call needs, so that a failure of it comes before anything is enqueued.</summary>
    public void Prepare(AttackSpec? attack)
    {
        if (attack is not null && !_attacks.ContainsKey(attack))
            _attacks.Add(attack, new Lane(new AttackProgram(network, attack, batch, seed), withLogits: false));
        _ = Clean;
    }

    /// <summary>Scores what was loaded into <see cref="Target"/>.</summary>
    public long Score()
    {
        Clean.Refresh();
        Clean.Program.Score();
        return Clean.Results.Enqueue();
    }

    /// <summary>Attacks what was loaded into <see cref="Target"/>.</summary>
    public long Attack(AttackSpec attack)
    {
        var (lane, target) = (_attacks[attack], Target);
        lane.Refresh();
        import.Copy(target.Images, lane.Target.Images);
        import.Copy(target.Labels, lane.Target.Labels);
        import.Copy(target.SampleIds, lane.Target.SampleIds);
        lane.Program.Run();
        return lane.Results.Enqueue();
    }

    /// <summary>Waits for the predictions of a score.</summary>
    public Predictions Predictions(long number, int rows)
    {
        Clean.Results.Wait(number);
        var logits = Clean.Results.Get<float>(number, LogitsAt)[..(rows * network.Spec.Classes)];
        return new Predictions(Clean.Results.Get<int>(number, PredictedAt)[..rows].ToArray(), logits.ToArray());
    }

    /// <summary>Waits for a score and for an attack on the same images.</summary>
    public BatchEvaluation Evaluation(AttackSpec? attack, long clean, long attacked, int rows)
    {
        var (cleanResults, results) = (Clean.Results, attack is null ? Clean.Results : _attacks[attack].Results);
        cleanResults.Wait(clean);
        results.Wait(attacked);
        var labels = cleanResults.Get<int>(clean, LabelsAt)[..rows];
        var (counts, right, robust) = (new int[network.Spec.Classes], new int[network.Spec.Classes],
            new int[network.Spec.Classes]);
        for (var i = 0; i < rows; i++)
        {
            if ((uint)labels[i] >= (uint)counts.Length) continue;
            counts[labels[i]]++;
            if (cleanResults.Get<int>(clean, PredictedAt)[i] != labels[i]) continue;
            right[labels[i]]++;
            // What is wrong as it is stays wrong: attacking it proves nothing.
            if (results.Get<int>(attacked, PredictedAt)[i] == labels[i]) robust[labels[i]]++;
        }
        return new BatchEvaluation(counts, right, robust, Mean(cleanResults.Get<float>(clean, LossAt)[..rows]),
            Mean(results.Get<float>(attacked, LossAt)[..rows]));
    }

    public void Dispose()
    {
        _clean?.Dispose();
        foreach (var attack in _attacks.Values) attack.Dispose();
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }

    /// <summary>A program with its input and the way back of its results.</summary>
    private sealed class Lane : IDisposable
    {
        public Lane(AttackProgram program, bool withLogits)
        {
            Program = program;
            Target = new BatchTarget(program.Clean, program.Labels, program.SampleIds);
            ReadOnlySpan<Tensor> results = [program.Predicted, program.Loss, program.Labels, program.Logits];
            Results = new ReadBack(
                program.Network.Device, Kept, withLogits ? results : results[..LogitsAt]);
        }

        public AttackProgram Program { get; }

        public BatchTarget Target { get; }

        public ReadBack Results { get; }

        public bool IsStale { get; set; }

        public void Refresh()
        {
            if (IsStale) Program.WeightsChanged();
            IsStale = false;
        }

        public void Dispose()
        {
            Results.Dispose();
            Program.Dispose();
        }
    }
}
