namespace Codat.Native.Interop;

/// <summary>
/// One plan for each distinct convolution of a session, and their descriptions for the manifest of a run.
/// </summary>
/// <remarks>One thread at a time. Owns the plans; bindings are the callers'.</remarks>
internal sealed class ConvolutionPlanCache(CudnnHandle handle, long maxWorkspaceBytes, PlanTimer? timer = null)
    : IDisposable
{
    private readonly Dictionary<ConvolutionSpec, ConvolutionPlan> _plans = [];
    private readonly Dictionary<ConvolutionSpec, string> _impossible = [];
    private readonly Dictionary<string, string> _pinned = new(StringComparer.Ordinal);

    /// <summary>Plans made so far.</summary>
    public int Count => _plans.Count;

    /// <summary>The most workspace that any plan needs, in bytes.</summary>
    public long WorkspaceBytes { get; private set; }

    /// <summary>The plan of a convolution, made at its first mention.</summary>
    /// <exception cref="CodatException">No engine fits.</exception>
    public ConvolutionPlan Get(in ConvolutionSpec spec)
    {
        if (_plans.TryGetValue(spec, out var plan)) return plan;
        return Keep(spec, ConvolutionPlan.Create(handle, spec, maxWorkspaceBytes, PinnedOf(spec), timer));
    }

    /// <summary>The plan of a convolution, or null with the reason; a refusal is remembered too.</summary>
    public ConvolutionPlan? TryGet(in ConvolutionSpec spec, out string reason)
    {
        reason = "";
        if (_plans.TryGetValue(spec, out var plan)) return plan;
        if (_impossible.TryGetValue(spec, out var known))
        {
            reason = known;
            return null;
        }
        plan = ConvolutionPlan.TryCreate(handle, spec, maxWorkspaceBytes, PinnedOf(spec), out reason, timer);
        if (plan is not null) return Keep(spec, plan);
        // Doing without it would be another way to compute the same, and other bits.
        if (PinnedOf(spec) is not null) throw Refused(spec, reason);
        _impossible.Add(spec, reason);
        return null;
    }

    /// <summary>Takes the plans of an earlier run; convolutions planned from now on use them.</summary>
    public void Pin(IEnumerable<KeyValuePair<string, string>> exported)
    {
        foreach (var (spec, json) in exported) _pinned[spec] = json;
    }

    /// <summary>Every convolution with its plan as the library describes it, sorted.</summary>
    public SortedDictionary<string, string> Export()
    {
        var exported = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (spec, plan) in _plans)
            if (plan.Json is { } json) exported.Add(spec.ToString(), json);
        return exported;
    }

    /// <summary>Every convolution with its engine, sorted.</summary>
    public SortedDictionary<string, string> Engines()
    {
        var engines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (spec, plan) in _plans) engines.Add(spec.ToString(), plan.Engine);
        return engines;
    }

    /// <summary>Releases every plan.</summary>
    public void Dispose()
    {
        foreach (var plan in _plans.Values) plan.Dispose();
        _plans.Clear();
    }

    private CodatException Refused(in ConvolutionSpec spec, string reason) => new(
        "a stored plan is not valid here", spec.ToString(), $"a plan that {handle} takes", reason,
        "use the library version of the stored run, or start a new run", isUsage: false);

    private string? PinnedOf(in ConvolutionSpec spec) => _pinned.GetValueOrDefault(spec.ToString());

    private ConvolutionPlan Keep(in ConvolutionSpec spec, ConvolutionPlan plan)
    {
        _plans.Add(spec, plan);
        WorkspaceBytes = Math.Max(WorkspaceBytes, plan.WorkspaceBytes);
        return plan;
    }
}
