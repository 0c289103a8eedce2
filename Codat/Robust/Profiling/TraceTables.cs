using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>The tables of <c>codat profile</c>: sums over traces, for one step.</summary>
internal static class TraceTables
{
    private const double PerSecond = 1e6;

    /// <summary>A row for every step of every plan, the slowest of each plan first.</summary>
    public static JsonArray Layers(StepProgram program, IReadOnlyList<StepTrace> traces)
    {
        var sums = traces.SelectMany(t => t.Steps).GroupBy(s => (s.Plan, s.Index))
            .ToDictionary(g => g.Key, g => g.Sum(s => s.Kernels.Sum(k => k.Microseconds)));
        var rows = new JsonArray();
        foreach (var plan in program.Plans)
        {
            var steps = plan.Steps.Select((step, i) => (Step: step, Sum: sums.GetValueOrDefault((plan, i))));
            foreach (var (step, sum) in steps.OrderByDescending(s => s.Sum))
            {
                rows.Add(new JsonObject
                {
                    ["phase"] = plan.Name, ["layer"] = step.Label, ["op"] = step.Op.Name,
                    ["kernel"] = step.Kernel.Variant, ["output"] = step.Signature.Output.Shape.ToString(),
                    ["seconds"] = sum / traces.Count / PerSecond,
                });
            }
        }
        return rows;
    }

    /// <summary>A row for every kernel, the most expensive first; shares are of all kernels together.</summary>
    public static JsonArray Kernels(IReadOnlyList<StepTrace> traces)
    {
        var all = traces.SelectMany(t => t.Steps).SelectMany(s => s.Kernels).ToList();
        var total = all.Sum(k => k.Microseconds);
        var rows = all.GroupBy(k => k.Name)
            .Select(g => (Name: g.Key, Calls: g.Count() / traces.Count, Sum: g.Sum(k => k.Microseconds)))
            .OrderByDescending(r => r.Sum).ThenBy(r => r.Name, StringComparer.Ordinal);
        return
        [
            .. rows.Select(r => new JsonObject
            {
                ["kernel"] = r.Name, ["calls"] = r.Calls, ["microseconds"] = r.Sum / traces.Count,
                ["share"] = total > 0 ? r.Sum / total : 0,
            }),
        ];
    }
}
