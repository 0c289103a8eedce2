namespace Codat.Native.Robust;

/// <summary>Names of enumerated settings as they are typed.</summary>
internal static class SettingNames
{
    internal static readonly NameTable<Norm> Norms = new(("linf", Norm.Linf), ("l2", Norm.L2));

    internal static readonly NameTable<AttackStart> Starts =
        new(("zero", AttackStart.Zero), ("uniform", AttackStart.Uniform), ("gaussian", AttackStart.Gaussian));

    internal static readonly NameTable<AttackBatchNorm> AttackBatchNorms =
        new(("eval", AttackBatchNorm.Eval), ("batch", AttackBatchNorm.Batch), ("train", AttackBatchNorm.Train));

    internal static readonly NameTable<LossKind> Losses =
        new(("ce", LossKind.Ce), ("trades", LossKind.Trades), ("clean", LossKind.Clean),
            ("mart", LossKind.Mart), ("bat", LossKind.Bat));

    internal static readonly NameTable<ClassWeightKind> ClassWeights = new(("none", ClassWeightKind.None),
        ("balanced", ClassWeightKind.Balanced), ("codat", ClassWeightKind.Codat), ("kl-dro", ClassWeightKind.Kl),
        ("reverse-kl-dro", ClassWeightKind.ReverseKl), ("cvar", ClassWeightKind.Cvar),
        ("group-dro", ClassWeightKind.GroupDro), ("faal", ClassWeightKind.Faal),
        ("wat", ClassWeightKind.Wat), ("frl", ClassWeightKind.Frl),
        ("dafa", ClassWeightKind.Dafa), ("cfa", ClassWeightKind.Cfa), ("cfol", ClassWeightKind.Cfol));

    internal static readonly NameTable<ObjectiveKind> Objectives = new(("codat", ObjectiveKind.Codat),
        ("at", ObjectiveKind.At), ("trades", ObjectiveKind.Trades), ("erm", ObjectiveKind.Erm),
        ("codat-trades", ObjectiveKind.CodatTrades), ("kl-dro", ObjectiveKind.KlDro),
        ("reverse-kl-dro", ObjectiveKind.ReverseKlDro), ("cvar", ObjectiveKind.Cvar),
        ("group-dro", ObjectiveKind.GroupDro), ("faal", ObjectiveKind.Faal),
        ("mart", ObjectiveKind.Mart), ("wat", ObjectiveKind.Wat), ("frl", ObjectiveKind.Frl),
        ("dafa", ObjectiveKind.Dafa), ("cfa", ObjectiveKind.Cfa), ("bat", ObjectiveKind.Bat),
        ("cfol", ObjectiveKind.Cfol));

    internal static readonly NameTable<BallKind> Balls = new(("chi2", BallKind.Chi2), ("kl", BallKind.Kl),
        ("reverse-kl", BallKind.ReverseKl), ("cvar", BallKind.Cvar));

    internal static readonly NameTable<WeightSolver> Solvers =
        new(("exact", WeightSolver.Exact), ("published", WeightSolver.Published));

    internal static readonly NameTable<MissingPolicy> Missing =
        new(("renormalise", MissingPolicy.Renormalise), ("ema", MissingPolicy.Ema));

    internal static readonly NameTable<VarianceKind> Variances =
        new(("plain", VarianceKind.Plain), ("debiased", VarianceKind.Debiased));

    internal static readonly NameTable<AugmentKind> Augments = new(("none", AugmentKind.None),
        ("crop4", AugmentKind.Crop4), ("crop4+flip", AugmentKind.Crop4Flip));

    internal static readonly NameTable<PrecisionKind> Precisions =
        new(("fp32", PrecisionKind.Fp32), ("tf32", PrecisionKind.Tf32), ("bf16", PrecisionKind.Bf16));

    internal static readonly NameTable<DeterminismKind> Determinisms = new(("fast", DeterminismKind.Fast),
        ("reproducible", DeterminismKind.Reproducible), ("strict", DeterminismKind.Strict));

    internal static readonly NameTable<SplitKind> Splits =
        new(("test", SplitKind.Test), ("val", SplitKind.Val), ("train", SplitKind.Train));

    internal static ObjectiveKind ParseObjective(string text, string where)
        => Objectives.Parse(text, where);
}
