namespace Codat.Native.Robust;

/// <summary>Do the class accuracies of a method fall into two groups? Computed from their means over seeds.</summary>
/// <param name="Split">The widest gap and the groups on its sides.</param>
/// <param name="Gap">Its width with its interval.</param>
/// <param name="Coefficient">Sarle's coefficient with its interval.</param>
/// <param name="Dip">Hartigan's dip.</param>
/// <param name="DipP">Its p-value.</param>
internal sealed record ComparedBimodality(ClassGap Split, SeedStatistic Gap, SeedStatistic Coefficient, double Dip,
    double DipP)
{
    /// <summary>Of one method under one attack; null for fewer than two classes.</summary>
    public static ComparedBimodality? Of(string label, IReadOnlyList<AttackView> seeds)
    {
        var bootstrap = ClassBootstrap.Of(label, seeds);
        var classes = bootstrap.Accuracies;
        if (classes.Count < 2) return null;
        var dip = classes.Count < 4 || classes.All(a => a == classes[0]) ? double.NaN : DipTest.Statistic(classes);
        return new ComparedBimodality(ClassGap.Of(classes), bootstrap.Statistic(a => ClassGap.Of(a).Width, 1),
            bootstrap.Statistic(ClassGap.Bimodality), dip,
            double.IsFinite(dip) ? DipTest.PValue(dip, classes.Count) : double.NaN);
    }
}
