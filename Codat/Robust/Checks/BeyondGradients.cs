namespace Codat.Native.Robust;

/// <summary>What an attack without the network's gradients breaks that attacks with them leave right.</summary>
/// <remarks>
/// Whoever has gradients knows more. Measured on sound networks such attacks break next to nothing that long gradient
/// attacks do not, so 3 % of the images that are right when clean make a warning, 5 % a failure; so does being better
/// altogether, where chance does not explain it (McNemar's p below 0.01). Gradient attacks of fewer than ten steps do
/// not count.
/// </remarks>
/// <param name="Only">Images that only this attack breaks.</param>
/// <param name="Others">Images that only gradients break; null where it ran on what they left.</param>
/// <param name="Gradients">Who these are.</param>
internal sealed record BeyondGradients(long Only, long? Others, string Gradients)
{
    private const int LeastSteps = 10, LeastImages = 3;
    private const double WarnShare = 0.03, FailShare = 0.05, Significant = 0.01;

    /// <summary>Compares an attack with the gradient attacks of an evaluation; null where there are none.</summary>
    public static BeyondGradients? Of(EvaluationOutcomes outcomes, AttackOutcome blind)
    {
        var gradients = outcomes.Attacked.Where(a => IsLongGradientAttack(a.Attack)).ToArray();
        if (gradients.Length == 0) return null;
        long only = 0, others = 0;
        for (var i = 0; i < blind.Correct.Length; i++)
        {
            var isLeft = gradients.All(g => g.Outcome.Correct[i]);
            if (isLeft && !blind.Correct[i]) only++;
            if (!isLeft && blind.Correct[i]) others++;
        }
        return new BeyondGradients(only, others, string.Join(", ", gradients.Select(g => g.Attack.Name)));
    }

    /// <summary>The verdict; null where no image is right when clean.</summary>
    public CheckResult? Judge(string check, string attack, EvaluationOutcomes outcomes)
    {
        var right = outcomes.Clean.Correct.Count(c => c);
        if (right == 0) return null;
        var share = (double)Only / right;
        var found = $"{attack} breaks {Only} of {right} images that {Gradients} left right";
        var isBetter = false;
        if (Others is { } others)
        {
            found += $", the other way round {others}";
            isBetter = Only > others && McNemarTest.Of(right, Only, others).P < Significant;
        }
        var verdict = Only < LeastImages ? CheckVerdict.Pass
            : share >= FailShare || isBetter ? CheckVerdict.Fail
            : share >= WarnShare ? CheckVerdict.Warn : CheckVerdict.Pass;
        return new CheckResult(check, verdict, verdict == CheckVerdict.Pass ? found
            : found + ": gradients are hidden or too few steps are made; look at the other checks, and run apgd-t");
    }

    private static bool IsLongGradientAttack(ResolvedAttack attack) =>
        attack.Kind is not (AttackKind.Square or AttackKind.Transfer or AttackKind.AutoAttack)
            && (attack.Kind == AttackKind.AaLight || attack.Steps >= LeastSteps);
}
