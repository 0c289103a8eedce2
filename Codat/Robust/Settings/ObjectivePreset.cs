namespace Codat.Native.Robust;

/// <summary>The pairs of loss and class weights behind the names of methods.</summary>
public static class ObjectivePreset
{
    /// <summary>The loss and the class weights of a method.</summary>
    public static (LossKind Loss, ClassWeightKind ClassWeights) Of(ObjectiveKind objective)
    {
        ObjectiveSheet sheet = ObjectiveSheet.Of(objective);
        return (sheet.Loss, sheet.ClassWeights);
    }

    /// <summary>The method whose pair this is, or null.</summary>
    public static ObjectiveKind? Find(LossKind loss, ClassWeightKind weights)
    {
        foreach (ObjectiveKind objective in Enum.GetValues<ObjectiveKind>())
        {
            if (Of(objective) == (loss, weights)) return objective;
        }
        return null;
    }

    /// <summary>Where the training attack starts unless told: TRADES, MART and BAT have a start of their own.</summary>
    internal static AttackStart StartOf(LossKind loss, AttackStart preset)
        => loss is LossKind.Trades or LossKind.Mart or LossKind.Bat ? AttackStart.Gaussian : preset;
}
