namespace Codat.Native.Robust;

/// <summary>Reads <c>final.json</c>: evaluations by split or at the top, and optimal weights.</summary>
internal static class EvaluationReader
{
    /// <summary>The run with what the final file says added.</summary>
    public static RunView Fill(RunView run, JsonView final)
    {
        var test = Evaluation(final.Object("test"), "test");
        var validation = Evaluation(final.Object("validation") ?? final.Object("val"), "validation");
        if (test is null && validation is null && final.Get("attacks") is not null)
        {
            var only = Evaluation(final, "test");
            if (only?.Split.StartsWith("val", StringComparison.OrdinalIgnoreCase) == true) validation = only;
            else test = only;
        }
        return run with
        {
            Test = test,
            Validation = validation,
            Optimal = Optimal(final.Object("optimalWeights")),
            Stopped = final.Text("stopped"),
        };
    }

    /// <summary>One evaluation, or null where there is none.</summary>
    public static EvaluationView? Evaluation(JsonView? found, string split)
    {
        if (found is not { } value) return null;
        return new EvaluationView
        {
            Split = value.Text("split") ?? split,
            Dataset = value.Text("dataset"),
            Norm = value.Text("norm"),
            Eps = value.Number("eps"),
            EpsText = value.Text("epsText") ?? value.Text("eps"),
            ImagesHash = value.Text("imagesHash"),
            Evidence = value.Text("evidence"),
            N = value.Number("n"),
            Seconds = value.Number("seconds"),
            Attacks = value.Items("attacks").ConvertAll(Attack),
            Checks = value.Items("checks").ConvertAll(Check),
        };
    }

    private static AttackView Attack(JsonView value) => new()
    {
        Name = value.Text("name") ?? "unnamed",
        Step = value.Number("step"),
        Restarts = value.Number("restarts"),
        Average = value.Number("average"),
        Macro = value.Number("macro"),
        Worst = value.Number("worst"),
        Deviation = value.Number("std"),
        Spread = value.Number("spread"),
        WorstLow = value.Number("worstLow"),
        WorstHigh = value.Number("worstHigh"),
        PerClass = value.Items("perClass").ConvertAll(ClassResult),
        Flow = value.Get("flow") is { } flow ? Flow(flow) : null,
        Telemetry = value.Items("telemetry").ConvertAll(TelemetryReader.Part),
        Change = TelemetryReader.Change(value.Object("change")),
    };

    private static ClassResultView ClassResult(JsonView value)
    {
        var index = value.Integer("class") ?? throw value.Wrong("a member named class", "none");
        var (n, correct) = (value.Number("n"), value.Number("correct"));
        var (low, high) = (value.Number("low"), value.Number("high"));
        if (double.IsNaN(low) || double.IsNaN(high)) (low, high) = ReportIntervals.Wilson(correct, n);
        var accuracy = value.Number("accuracy");
        if (double.IsNaN(accuracy) && n > 0) accuracy = correct / n;
        return new ClassResultView(index, value.Text("name") ?? ReportFormat.ClassName(index), n, correct, accuracy,
            low, high, value.Number("risk"));
    }

    private static CheckView Check(JsonView value) =>
        new(value.Text("name") ?? "", value.Text("verdict") ?? "", value.Text("detail") ?? "");

    private static long[][] Flow(JsonView value)
    {
        var rows = value.AsItems();
        var flow = new long[rows.Count][];
        for (var i = 0; i < flow.Length; i++)
        {
            var counts = rows[i].AsNumbers();
            if (counts.Length != flow.Length || !Array.TrueForAll(counts, IsCount))
                throw rows[i].Wrong("a row of " + ReportFormat.Count(flow.Length) + " counts", "another row");
            flow[i] = Array.ConvertAll(counts, count => (long)count);
        }
        return flow;
    }

    private static bool IsCount(double value) => value is >= 0 and < 1e15 && double.IsInteger(value);

    private static OptimalWeightsView? Optimal(JsonView? found)
    {
        if (found is not { } value) return null;
        var weights = value.Get("weights") is not null ? value.Numbers("weights")
            : value.Object("exact")?.Numbers("weights") ?? [];
        if (weights.Length == 0) return null;
        var risks = value.Get("risks") is not null ? value.Numbers("risks") : value.Numbers("risk");
        return new OptimalWeightsView(weights, risks.Length == weights.Length ? risks : []);
    }
}
