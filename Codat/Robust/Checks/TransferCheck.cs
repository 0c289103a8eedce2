namespace Codat.Native.Robust;

/// <summary>Do images made on another network break what the network's own gradients leave right?</summary>
internal static class TransferCheck
{
    public const string Name = "transfer";

    public static CheckResult? Judge(EvaluationOutcomes outcomes) =>
        outcomes.Attacked.FirstOrDefault(a => a.Attack.Kind == AttackKind.Transfer).Outcome is { } transferred
            ? BeyondGradients.Of(outcomes, transferred)?.Judge(Name, TransferAttack.Name, outcomes)
            : null;
}
