namespace Codat.Native.Interop;

/// <summary>What a cuDNN engine says about its numbers and its behaviour.</summary>
internal sealed record EngineNotes(IReadOnlyList<cudnnBackendNumericalNote_t> Numerical,
    IReadOnlyList<cudnnBackendBehaviorNote_t> Behavior)
{
    /// <summary>Whether the engine carries a numerical note.</summary>
    internal bool Has(cudnnBackendNumericalNote_t note)
    {
        foreach (var own in Numerical)
            if (own == note) return true;
        return false;
    }

    /// <summary>The notes, as manifests and messages show them.</summary>
    public override string ToString() => string.Join(' ', [.. Numerical.Select(n => Short(n.ToString())),
        .. Behavior.Select(b => Short(b.ToString()))]);

    private static string Short(string name) => name[(name.IndexOf("NOTE_", StringComparison.Ordinal) is var i and >= 0
        ? i + 5 : 0)..].ToLowerInvariant();
}
