using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>What the method did: class weights over time, how they follow the risks, and their audit.</summary>
internal static class WeightsSection
{
    private const string Title = "How training weighs the classes";
    private const int MostNamed = 12;
    private static readonly int[] s_steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        var epochs = run.View.Epochs.Where(epoch => epoch.Weight.Mean.Length > 0).ToList();
        if (epochs.Count == 0)
        {
            return PageParts.Missing(run, "weights", Title, run.View.Epochs.Count == 0
                ? "metrics.jsonl is missing or holds no epoch yet, so there are no class weights."
                : "This run recorded no class weights: every class counts as often as it occurs.");
        }
        return PageParts.Section(run, "weights", Title, Lead(run, epochs), Html.Of($"""
            <div class="grid wide-left">
            {Map(run, epochs)}
            {Scatter(run)}
            </div>
            {AuditFigures.Render(run, epochs)}
            {Table(run)}
            """));
    }

    /// <summary>The weights of several runs side by side; nothing where no run has any.</summary>
    public static Html Compare(IReadOnlyList<ReportRun> runs)
    {
        var weighing = runs.Where(run => run.View.ShownEpoch is { Weight.Mean.Length: > 0 }).ToList();
        if (weighing.Count == 0) return Html.Empty;
        var rows = new List<DotRow>();
        for (var k = 0; k < weighing.Max(run => run.Classes); k++)
        {
            var dots = new List<Dot>();
            foreach (var run in weighing)
            {
                if (run.View.ShownEpoch is not { } epoch || k >= epoch.Weight.Mean.Length) continue;
                var (value, deviation) = (Relative(epoch, k),
                    Value(epoch.Weight.Deviation, k) * epoch.Weight.Mean.Length);
                dots.Add(new Dot(run.Letter, run.Tone, value, value - deviation, value + deviation));
            }
            if (dots.Count > 0) rows.Add(new DotRow(weighing[0].ClassName(k), dots));
        }
        var shown = ClassSelection.Pick(rows, row => -row.Dots.Max(dot => dot.Value));
        var legend = weighing.Select(run => (run.Tone, run.Letter + "  " + run.Label)).ToArray();
        return PageParts.Section(null, "weights", Title, Html.Of($"Runs without class weights are left out: there "
            + $"every class counts as often as it occurs."),
            PageParts.Figure("Weight as a multiple of the even share",
                DotChart.Render(shown, 1, " ×", "Class weights", "One point for each run and class"),
                Html.Of($"Mean over the steps of each run's best epoch; the lines are one deviation over those steps "
                    + $"to either side.{ClassSelection.Note(rows.Count, "their largest weight")}"),
                PageParts.Legend(legend)));
    }

    private static Html Lead(ReportRun run, List<EpochView> epochs)
    {
        var weights = epochs[^1].Weight.Mean;
        var (heavy, light) = (Array.IndexOf(weights, weights.Max()), Array.IndexOf(weights, weights.Min()));
        var text = new HtmlBuilder();
        if (run.IsChiSquare)
            text.Add($"Each step asks which mixture of classes, near enough to the prior, hurts most, and trains on "
                + $"that one. ");
        if (weights[heavy] == weights[light])
            return text.Add($"In the last epoch all classes counted the same.").ToHtml();
        text.Add($"In the last epoch {run.ClassName(heavy)} counted "
            + $"{ReportFormat.Times(weights[heavy] * weights.Length)} ");
        text.Add($"its even share, {run.ClassName(light)} only {ReportFormat.Times(weights[light] * weights.Length)}.");
        return text.ToHtml();
    }

    /// <summary>Classes by epochs, coloured by weight.</summary>
    public static Html Map(ReportRun run, List<EpochView> epochs)
    {
        var classes = epochs.Max(epoch => epoch.Weight.Mean.Length);
        var all = Enumerable.Range(0, classes).ToList();
        var rows = ClassSelection.Pick(all, k => -Relative(epochs[^1], k));
        var strongest = Math.Max(0.05, rows.SelectMany(k => epochs.Select(epoch => Math.Abs(Relative(epoch, k) - 1)))
            .Where(double.IsFinite).DefaultIfEmpty(1).Max());
        var map = new HeatMap
        {
            Title = "Class weights over the epochs",
            Description = "Blue below, orange above the even share",
            Rows = rows.ConvertAll(run.ClassName),
            Columns = epochs.ConvertAll(epoch => EpochName(epoch.Epoch, epochs.Count)),
            ColumnName = "epoch",
            CellWidth = Math.Clamp(500.0 / epochs.Count, 3, 62),
            CellHeight = rows.Count > 12 ? 22 : 32,
            Cell = (i, j) =>
            {
                var value = Relative(epochs[j], rows[i]);
                var tip = run.ClassName(rows[i]) + ", epoch " + ReportFormat.Count(epochs[j].Epoch) + ": "
                    + ReportFormat.Times(value) + " its even share";
                return double.IsFinite(value)
                    ? new HeatCell(value >= 1 ? "tone-up" : "tone-down", Math.Abs(value - 1) / strongest,
                        ReportFormat.Fixed(value, 2), tip)
                    : new HeatCell("tone-down", 0, "", tip);
            },
        };
        return PageParts.Figure("Class weights over the epochs", map.Render(),
            Html.Of($"Mean over the steps of an epoch, as a multiple of the even share 1/{classes}: orange classes "
                + $"are trained harder, blue ones are given time "
                    + $"off.{ClassSelection.Note(classes, "weight in the last epoch")}"),
            PageParts.Legend(("tone-down", "below its even share"), ("tone-up", "above")));
    }

    // Only so many names as have room, at round epochs.
    private static string EpochName(int epoch, int count)
    {
        var step = Array.Find(s_steps, candidate => candidate * MostNamed >= count);
        return step == 0 || epoch % step != 0 ? "" : epoch.ToString(CultureInfo.InvariantCulture);
    }

    private static Html Scatter(ReportRun run)
    {
        var epoch = run.View.ShownEpoch;
        var (risk, weight) = (epoch?.Risk.Mean ?? [], epoch?.Weight.Mean ?? []);
        if (epoch is null || risk.Length == 0 || risk.Length != weight.Length)
            return Html.Of($"<p class=\"missing\">metrics.jsonl holds no class risks beside the weights.</p>");
        var worst = Array.IndexOf(risk, risk.Max());
        var hollow = new List<ScatterPoint>();
        if (run.View.Optimal is { Risks.Length: > 0 } optimal)
            for (var k = 0; k < optimal.Weights.Length; k++)
                hollow.Add(new ScatterPoint(run.ClassName(k) + " (validation)", optimal.Risks[k],
                    optimal.Weights[k] * optimal.Weights.Length, "tone-ink"));
        var chart = new ScatterChart
        {
            Title = "Weight against risk",
            Description = "One point for each class, epoch " + ReportFormat.Count(epoch.Epoch),
            Points = [.. Enumerable.Range(0, risk.Length)
                .Select(k => new ScatterPoint(run.ClassName(k), risk[k], weight[k] * weight.Length,
                    k == worst ? "tone-worst" : "tone-robust"))],
            Hollow = hollow,
            XName = "class risk (cross-entropy under attack)",
            YName = "weight × number of classes",
            Reference = (1, "even share"),
            Width = 385,
            Height = 400,
        };
        var rings = hollow.Count > 0 ? " Rings: the optimal weights for the risks of the whole validation split." : "";
        return PageParts.Figure("Weight against risk", chart.Render(),
            Html.Of($"Means over the steps of epoch {epoch.Epoch}. A class whose risk lies far above the mean is "
                + $"weighted up in proportion.{rings}"));
    }

    private static Html Table(ReportRun run)
    {
        if (run.View.ShownEpoch is not { Weight.Mean.Length: > 0 } epoch) return Html.Empty;
        var optimal = run.View.Optimal;
        var rows = new List<IReadOnlyList<Html>>();
        var classes = epoch.Weight.Mean.Length;
        for (var k = 0; k < classes; k++)
        {
            rows.Add([Html.Text(run.ClassName(k)), Html.Text(ReportFormat.Fixed(Value(epoch.Risk.Mean, k), 3)),
                Html.Text(ReportFormat.Fixed(Value(epoch.Risk.Deviation, k), 3)),
                Html.Text(ReportFormat.Fixed(Value(epoch.Weight.Mean, k), 4)),
                    Html.Text(ReportFormat.Fixed(Value(epoch.Weight.Deviation, k), 4)),
                Html.Text(ReportFormat.Fixed(Value(epoch.Weight.Mean, k) * classes, 2)),
                    Html.Text(ReportFormat.Fixed(Value(optimal?.Weights ?? [], k), 4))]);
        }
        return PageParts.Table("Risks and weights, epoch " + ReportFormat.Count(epoch.Epoch),
            [new("class", false), new("risk", true), new("± over steps", true), new("weight", true),
                new("± over steps", true), new("× even share", true), new("p* on validation", true)], rows);
    }

    private static double Relative(EpochView epoch, int k) => Value(epoch.Weight.Mean, k) * epoch.Weight.Mean.Length;

    private static double Value(double[] values, int k) => k < values.Length ? values[k] : double.NaN;
}
