namespace Codat.Native.Robust;

/// <summary>Does APGD break many more images than long PGD?</summary>
/// <remarks>
/// Both climb the same loss where APGD is <c>apgd-ce</c>: PGD of 50 steps and more is then behind by a point or so on
/// sound networks, and 5 % of the right images mean that its steps or its start go wrong. Against other losses and
/// targets a good network loses more to APGD, so there it takes 10 %. Only differences that chance does not explain
/// count (McNemar's p below 0.01).
/// </remarks>
internal static class WeakPgdCheck
{
    public const string Name = "pgd-against-apgd";

    private const int LeastSteps = 50;
    private const double SameLoss = 0.05, OtherLoss = 0.10, Significant = 0.01;

    private static readonly AttackKind[] s_others =
        [AttackKind.ApgdDlr, AttackKind.ApgdT, AttackKind.AaLight, AttackKind.AutoAttack];

    public static CheckResult? Judge(EvaluationOutcomes outcomes)
    {
        var pgd = outcomes.Attacked.Where(a => a.Attack.Kind == AttackKind.Pgd && a.Attack.Steps >= LeastSteps)
            .OrderBy(a => a.Outcome.Correct.Count(c => c)).FirstOrDefault();
        var same = outcomes.Attacked.FirstOrDefault(a => a.Attack.Kind == AttackKind.ApgdCe);
        var apgd = same.Attack is not null
            ? same : outcomes.Attacked.FirstOrDefault(a => s_others.Contains(a.Attack.Kind));
        var right = outcomes.Clean.Correct.Count(c => c);
        if (pgd.Attack is null || apgd.Attack is null || right == 0) return null;
        var test = McNemarTest.Of(pgd.Outcome.Correct, apgd.Outcome.Correct);
        var lead = (double)(test.OnlyFirst - test.OnlySecond) / right;
        var found = $"{apgd.Attack.Name} breaks {test.OnlyFirst} of {right} images that {pgd.Attack.Name} left right,"
            + $" the other way round {test.OnlySecond}";
        var isWeak = test.P < Significant && lead >= (same.Attack is not null ? SameLoss : OtherLoss);
        return isWeak
            ? new CheckResult(Name, CheckVerdict.Fail, found
                + ": fixed steps do not find what is there; report apgd-t or autoattack, not PGD")
            : new CheckResult(Name, CheckVerdict.Pass, found);
    }
}
