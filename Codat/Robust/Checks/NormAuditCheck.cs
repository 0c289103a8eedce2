namespace Codat.Native.Robust;

/// <summary>Are the images that attacks ended with inside the ball?</summary>
/// <remarks>
/// Outside means by more than single precision rounds off (<see cref="ChangeAudit"/>). What rounding to 8 bits does is
/// said but raises no alarm: a radius that is no whole number of 255ths lets it, and an attack that stops at the
/// first success ends so near to the boundary that rounding may undo it.
/// </remarks>
internal static class NormAuditCheck
{
    public const string Name = "norm-audit";

    public static CheckResult? Judge(IReadOnlyList<AttackResult> rows, Magnitude eps)
    {
        var audited = rows.Where(r => r.Change is not null && !double.IsNaN(r.Change.Most)).ToArray();
        if (audited.Length == 0) return null;
        foreach (var row in audited)
            if (row.Change is { Outside: > 0 } change)
                return new CheckResult(Name, CheckVerdict.Fail, $"{change.Outside} images of {row.Name} are up to"
                    + $" {CheckText.Number(change.Most)} from the clean ones, the radius is {eps.Text}: its accuracy"
                    + " is under another threat; correct the attack's projection");
        var changes = Array.ConvertAll(audited, r => r.Change!); // asked above
        return new CheckResult(Name, CheckVerdict.Pass,
            $"no image is farther than {CheckText.Number(changes.Max(c => c.Most))} from the clean one, rounded to"
            + $" 8 bits {CheckText.Number(changes.Max(c => c.MostRounded))}, the radius is {eps.Text}; of"
            + $" {changes.Sum(c => c.Broken)} broken images {changes.Sum(c => c.BrokenRounded)} stay so when rounded");
    }
}
