namespace Codat.Native.Robust;

/// <summary>One check of whether an accuracy under attack may be believed.</summary>
/// <param name="Name">The defect it looks for.</param>
/// <param name="Verdict">What it found.</param>
/// <param name="Detail">One sentence of figures; where something was found, also what to do.</param>
public sealed record CheckResult(string Name, CheckVerdict Verdict, string Detail)
{
    /// <summary>The verdict of all checks together: <c>sound</c> where every one passes, else
    /// <c>suspicious</c>.</summary>
    public static string Sum(IReadOnlyList<CheckResult> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.All(c => c.Verdict == CheckVerdict.Pass) ? "sound" : "suspicious";
    }
}
