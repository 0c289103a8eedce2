namespace Codat.Native.Robust;

/// <summary>What a weight solver returns beside the weights; all values are of the classes that take part.</summary>
/// <param name="Status">Anything but <see cref="DroStatus.Ok"/> means that the weights were set to
/// not-a-number.</param>
/// <param name="BadClass">The class the status is about, or -1.</param>
/// <param name="Classes">The number of classes that take part: present, with a positive prior.</param>
/// <param name="Mean">Mean risk under the prior, in units of the risk.</param>
/// <param name="Variance">Variance of the risk under the prior (divided by 1, not K-1), in squared units of the
/// risk.</param>
/// <param name="Objective">The weighted risk, in units of the risk.</param>
/// <param name="Excess">Objective minus mean, computed without that subtraction, so exact even when both are
/// huge.</param>
/// <param name="Active">The number of classes with a positive weight.</param>
/// <param name="Negative">The number of classes with a negative weight; always 0 for the exact weights.</param>
/// <param name="MinWeight">The smallest weight of a class that takes part.</param>
public readonly record struct ChiSquareSolution(
    DroStatus Status,
    int BadClass,
    int Classes,
    double Mean,
    double Variance,
    double Objective,
    double Excess,
    int Active,
    int Negative,
    double MinWeight)
{
    internal static ChiSquareSolution Failed(DroStatus status, int badClass) => new(
        status, badClass, 0, double.NaN, double.NaN, double.NaN, double.NaN, 0, 0, double.NaN);
}
