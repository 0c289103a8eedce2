namespace Codat.Native.Robust;

/// <summary>Does random search break images that gradients leave right?</summary>
/// <remarks>Square sees logits only. Of <c>autoattack</c> its last part is judged.</remarks>
internal static class BlackBoxCheck
{
    public const string Name = "black-box";

    public static CheckResult? Judge(EvaluationOutcomes outcomes) => Found(outcomes)?.Judge(Name, "square", outcomes);

    private static BeyondGradients? Found(EvaluationOutcomes outcomes)
    {
        var square = outcomes.Attacked.FirstOrDefault(a => a.Attack.Kind == AttackKind.Square).Outcome;
        if (square is not null && BeyondGradients.Of(outcomes, square) is { } found) return found;
        var (attack, outcome) = outcomes.Attacked.FirstOrDefault(a => a.Attack.Kind == AttackKind.AutoAttack);
        if (attack is null) return null;
        var last = AttackStage.Of(attack, outcomes.Images.Classes)[^1];
        return new BeyondGradients(
            outcome.Step.Count(s => s > last.StepsBefore), null, "the parts of autoattack before it");
    }
}
