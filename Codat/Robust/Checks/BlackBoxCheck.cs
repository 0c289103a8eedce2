namespace Codat.Native.Robust;

/// <summary>Does random search break images that gradients leave right?</summary>
/// <remarks>
/// Square sees logits only: whoever has gradients knows more. Measured on sound networks it breaks next to nothing
/// that long gradient attacks do not, so 3 % of the images that are right when clean make a warning, 5 % a failure;
/// so does being better altogether, where chance does not explain it (McNemar's p below 0.01). Gradient attacks of
/// fewer than ten steps do not count. Of <c>autoattack</c> its last part is judged.
/// </remarks>
internal static class BlackBoxCheck
{
    public const string Name = "black-box";

    private const int LeastSteps = 10, LeastImages = 3;
    private const double WarnShare = 0.03, FailShare = 0.05, Significant = 0.01;

    public static CheckResult? Judge(EvaluationOutcomes outcomes)
    {
        var right = outcomes.Clean.Correct.Count(c => c);
        if (right == 0 || Count(outcomes) is not var (onlySquare, onlyGradients, gradients)) return null;
        var share = (double)onlySquare / right;
        var found = $"square breaks {onlySquare} of {right} images that {gradients} left right";
        var isBetter = false;
        if (onlyGradients is { } others)
        {
            found += $", the other way round {others}";
            isBetter = onlySquare > others && McNemarTest.Of(right, onlySquare, others).P < Significant;
        }
        var verdict = onlySquare < LeastImages ? CheckVerdict.Pass
            : share >= FailShare || isBetter ? CheckVerdict.Fail
            : share >= WarnShare ? CheckVerdict.Warn : CheckVerdict.Pass;
        return new CheckResult(Name, verdict, verdict == CheckVerdict.Pass ? found
            : found + ": gradients are hidden or too few steps are made; look at the other checks, and run apgd-t");
    }

    /// <summary>Images that only Square breaks, that only gradients break (null where Square ran on the rest), and who
    /// these are; null where there is nothing to compare.</summary>
    private static (long OnlySquare, long? OnlyGradients, string Gradients)? Count(EvaluationOutcomes outcomes)
    {
        var square = outcomes.Attacked.FirstOrDefault(a => a.Attack.Kind == AttackKind.Square).Outcome;
        var gradients = outcomes.Attacked.Where(a => IsLongGradientAttack(a.Attack)).ToArray();
        if (square is not null && gradients.Length > 0)
        {
            long onlySquare = 0, onlyGradients = 0;
            for (var i = 0; i < square.Correct.Length; i++)
            {
                var isLeft = gradients.All(g => g.Outcome.Correct[i]);
                if (isLeft && !square.Correct[i]) onlySquare++;
                if (!isLeft && square.Correct[i]) onlyGradients++;
            }
            return (onlySquare, onlyGradients, string.Join(", ", gradients.Select(g => g.Attack.Name)));
        }
        var (attack, outcome) = outcomes.Attacked.FirstOrDefault(a => a.Attack.Kind == AttackKind.AutoAttack);
        if (attack is null) return null;
        var last = AttackStage.Of(attack, outcomes.Images.Classes)[^1];
        return (outcome.Step.Count(s => s > last.StepsBefore), null, "the parts of autoattack before it");
    }

    private static bool IsLongGradientAttack(ResolvedAttack attack) =>
        attack.Kind is not (AttackKind.Square or AttackKind.AutoAttack) && (attack.Kind == AttackKind.AaLight
            || attack.Steps >= LeastSteps);
}
