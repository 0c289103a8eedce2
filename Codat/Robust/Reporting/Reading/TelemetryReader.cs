namespace Codat.Native.Robust;

/// <summary>Reads what attacks saw: <c>telemetry</c> and <c>change</c> of an attack's row.</summary>
internal static class TelemetryReader
{
    /// <summary>One part of an attack.</summary>
    public static TelemetryView Part(JsonView value)
    {
        var steps = value.Numbers("steps");
        var all = value.Object("all") ?? throw value.Wrong("a member named all", "none");
        return new TelemetryView(value.Text("part") ?? "unnamed", steps, Curves(all, steps.Length),
            value.Items("perClass").ConvertAll(item => (
                item.Integer("class") ?? throw item.Wrong("a member named class", "none"),
                Curves(item, steps.Length))));
    }

    /// <summary>The audit of an attack's images; null where there is none.</summary>
    public static ChangeView? Change(JsonView? found) => found is not { } value ? null : new ChangeView(
        value.Number("most"), value.Number("mostRounded"), value.Number("outside"), value.Number("broken"),
        value.Number("brokenRounded"));

    private static CurvesView Curves(JsonView value, int steps) => new()
    {
        LossGain = Curve(value, "lossGain", steps),
        FirstSuccess = Curve(value, "firstSuccess", steps),
        AtBound = Curve(value, "atBound", steps),
        ZeroGradients = Curve(value, "zeroGradients", steps),
        BadGradients = Curve(value, "badGradients", steps),
        SignFlips = Curve(value, "signFlips", steps),
    };

    private static double[] Curve(JsonView value, string name, int steps)
    {
        var curve = value.Numbers(name);
        return curve.Length == 0 || curve.Length == steps
            ? curve
            : throw value.Wrong($"{name} of {ReportFormat.Count(steps)} numbers, as many as steps",
                ReportFormat.Count(curve.Length));
    }
}
