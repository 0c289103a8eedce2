namespace Codat.Native.Robust;

/// <summary>What a method is: its paper, its rule, what it is made of and every number of its own.</summary>
/// <param name="Objective">The method.</param>
/// <param name="Paper">Name, authors, place.</param>
/// <param name="Rule">What enters where, in one or two sentences.</param>
/// <param name="Loss">Its loss of a sample.</param>
/// <param name="ClassWeights">How it weighs classes.</param>
public sealed record ObjectiveSheet(
    ObjectiveKind Objective, string Paper, string Rule, LossKind Loss, ClassWeightKind ClassWeights)
{
    /// <summary>The default of <c>--eta</c>.</summary>
    public double Eta { get; init; } = 0.3;

    /// <summary>The default of <c>--beta</c>.</summary>
    public double Beta { get; init; } = 6;

    /// <summary>Its own numbers.</summary>
    public IReadOnlyList<MethodNumber> Numbers { get; init; } = [];

    /// <summary>How its authors used it where that differs from the defaults here; empty where it does not.</summary>
    public string Published { get; init; } = "";

    /// <summary>The sheet of a method.</summary>
    public static ObjectiveSheet Of(ObjectiveKind objective) => ObjectiveSheets.Of(objective);
}
