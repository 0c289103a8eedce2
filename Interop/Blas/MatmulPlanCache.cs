namespace Codat.Native.Interop;

/// <summary>One plan for each distinct product of a session, and their algorithms for the manifest of a run.</summary>
/// <remarks>One thread at a time. Owns the plans.</remarks>
internal sealed class MatmulPlanCache(CublasLtHandle handle, long maxWorkspaceBytes) : IDisposable
{
    private readonly Dictionary<MatmulSpec, CublasLtMatmul> _plans = [];
    private readonly Dictionary<string, byte[]> _pinned = new(StringComparer.Ordinal);

    /// <summary>Plans made so far.</summary>
    public int Count => _plans.Count;

    /// <summary>The most workspace that any plan needs, in bytes.</summary>
    public long WorkspaceBytes { get; private set; }

    /// <summary>The plan of a product, made at its first mention.</summary>
    public CublasLtMatmul Get(in MatmulSpec spec)
    {
        if (_plans.TryGetValue(spec, out var plan)) return plan;
        plan = _pinned.TryGetValue(spec.ToString(), out var algorithm)
            ? CublasLtMatmul.Restore(handle, spec, algorithm)
            : CublasLtMatmul.Create(handle, spec, maxWorkspaceBytes);
        _plans.Add(spec, plan);
        WorkspaceBytes = Math.Max(WorkspaceBytes, plan.WorkspaceBytes);
        return plan;
    }

    /// <summary>Takes the algorithms of an earlier run; products planned from now on use them.</summary>
    public void Pin(IEnumerable<KeyValuePair<string, string>> exported)
    {
        foreach (var (spec, algorithm) in exported) _pinned[spec] = Convert.FromBase64String(algorithm);
    }

    /// <summary>Every product with its algorithm in base 64, sorted.</summary>
    public SortedDictionary<string, string> Export()
    {
        var exported = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (spec, plan) in _plans)
            exported.Add(spec.ToString(), Convert.ToBase64String(plan.ExportAlgorithm()));
        return exported;
    }

    /// <summary>Releases every plan.</summary>
    public void Dispose()
    {
        foreach (var plan in _plans.Values) plan.Dispose();
        _plans.Clear();
    }
}
