namespace Codat.Native.Robust;

/// <summary>What <c>codat compare</c> is asked to do: methods, seeds and evaluations, as the plan file says.</summary>
/// <param name="Name">The name of the plan.</param>
/// <param name="Seeds">Every method is trained once with each.</param>
/// <param name="Baseline">
/// The label of the method that those without a baseline of their own are measured against, or null.
/// </param>
/// <param name="Methods">The methods, sweeps multiplied out, in file order.</param>
/// <param name="Evaluations">Further evaluations of the chosen weights of every run.</param>
internal sealed record ComparePlan(string Name, IReadOnlyList<ulong> Seeds, string? Baseline,
    IReadOnlyList<PlannedMethod> Methods, IReadOnlyList<PlannedEvaluation> Evaluations);

/// <summary>One method of a plan: its own settings over those all methods share.</summary>
/// <param name="Label">Its name in tables, with the swept values.</param>
/// <param name="Node">Where the plan states it, for errors.</param>
/// <param name="Own">Its own settings.</param>
/// <param name="Shared">The settings of <c>base</c>, less what is its own.</param>
/// <param name="Init">The method from whose last weights it starts, or null.</param>
/// <param name="Swept">Names and values of what the plan sweeps, in file order.</param>
/// <param name="SweptLabel">The label without the swept values.</param>
internal sealed record PlannedMethod(string Label, PlanNode Node, SettingLayer Own, SettingLayer Shared, string? Init,
    IReadOnlyList<(string Name, string Value)> Swept, string SweptLabel)
{
    /// <summary>The label it is measured against in place of the plan's baseline, or null.</summary>
    public string? Baseline { get; init; }

    /// <summary>The place of one of its settings, or its own where nothing sets that.</summary>
    public string Where(string setting) =>
        Own.TryGet(setting, out _, out var where) || Shared.TryGet(setting, out _, out where) ? where : Node.Where;
}

/// <summary>A further evaluation of every run's chosen weights.</summary>
/// <param name="Name">Its rows are called NAME/ATTACK.</param>
/// <param name="Options">What <c>codat eval</c> would be asked, less the checkpoint.</param>
/// <param name="Text">Its settings as compact text: equal text, equal evaluation.</param>
/// <param name="Node">Where the plan states it, for errors.</param>
internal sealed record PlannedEvaluation(string Name, EvalOptions Options, string Text, PlanNode Node)
{
    /// <summary>The place of one of its keys, or its own where it does not say that key.</summary>
    public string Where(string key) => (Node.Find(key) ?? Node).Where;
}

/// <summary>One run of a plan: a method with a seed.</summary>
/// <param name="Method">The method.</param>
/// <param name="Folder">The run folder, as a full path.</param>
/// <param name="Options">Complete settings.</param>
/// <param name="Hash">
/// The hash of what the run computes: of its settings, where <c>init</c> stands for the hash of the run it starts from,
/// so that it is the same in every folder.
/// </param>
internal sealed record PlannedRun(PlannedMethod Method, string Folder, TrainOptions Options, string Hash)
{
    /// <summary>The run from whose last weights this one starts, or null.</summary>
    public PlannedRun? Source { get; init; }

    /// <summary>The label of the method.</summary>
    public string Label => Method.Label;

    /// <summary>The seed.</summary>
    public ulong Seed => Options.Seed;
}
