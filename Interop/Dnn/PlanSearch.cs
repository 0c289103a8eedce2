using System.Globalization;
using System.Text;

namespace Codat.Native.Interop;

/// <summary>
/// Finds plans for an operation graph: the library's suggestions in their order, the first ones that fit.
/// </summary>
internal sealed class PlanSearch(CudnnHandle handle, EngineFilter filter, long maxWorkspaceBytes)
{
    private const int MaxReasons = 6;

    private static readonly cudnnBackendHeurMode_t[] s_modes =
        [cudnnBackendHeurMode_t.CUDNN_HEUR_MODE_A, cudnnBackendHeurMode_t.CUDNN_HEUR_MODE_FALLBACK];

    private readonly List<string> _reasons = [];

    /// <summary>Why what was tried did not do.</summary>
    internal string Reasons => _reasons.Count == 0 ? "the library suggests no engine" : string.Join("; ", _reasons);

    /// <summary>At most so many plans, the library's favourite first; a pinned plan is taken as it was or not at
    /// all.</summary>
    internal List<PlanCandidate> Find(OperationGraph operations, string? pinned, int most)
    {
        var found = new List<PlanCandidate>();
        if (pinned is not null)
        {
            if (Restore(pinned) is { } stored) found.Add(stored);
            return found;
        }
        if (!operations.TryComplete(out var graph, out var reason))
        {
            Note($"the pattern is not supported: {reason}");
            return found;
        }
        try
        {
            foreach (var mode in s_modes)
                if (found.Count == 0) FindIn(graph, mode, most, found);
            return found;
        }
        catch
        {
            foreach (var candidate in found) candidate.Dispose();
            throw;
        }
    }

    private void FindIn(BackendDescriptor graph, cudnnBackendHeurMode_t mode, int most, List<PlanCandidate> found)
    {
        using var heuristics = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_ENGINEHEUR_MODE, mode);
        if (!heuristics.TryComplete(out var reason))
        {
            Note($"{mode}: {reason}");
            return;
        }
        var configs = Suggestions(heuristics);
        try
        {
            while (configs.Count > 0 && found.Count < most)
            {
                // A plan keeps its configuration; the others go.
                if (Try(configs[0]) is { } candidate) found.Add(candidate);
                else configs[0].Dispose();
                configs.RemoveAt(0);
            }
        }
        finally
        {
            foreach (var config in configs) config.Dispose();
        }
    }

    private List<BackendDescriptor> Suggestions(BackendDescriptor heuristics)
    {
        const cudnnBackendAttributeName_t Results = cudnnBackendAttributeName_t.CUDNN_ATTR_ENGINEHEUR_RESULTS;
        var configs = new List<BackendDescriptor>();
        try
        {
            var count = heuristics.Count(Results, cudnnBackendAttributeType_t.CUDNN_TYPE_BACKEND_DESCRIPTOR);
            for (long i = 0; i < count; i++)
                configs.Add(Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR));
            if (count == 0) return configs;
            var filled = heuristics.Fill(Results, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(configs));
            for (var i = configs.Count - 1; i >= filled; i--)
            {
                configs[i].Dispose();
                configs.RemoveAt(i);
            }
            return configs;
        }
        catch
        {
            foreach (var config in configs) config.Dispose();
            throw;
        }
    }

    private PlanCandidate? Try(BackendDescriptor config)
    {
        BackendDescriptor? engine = null, plan = null;
        try
        {
            engine = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_ENGINE_DESCRIPTOR);
            config.Fill(cudnnBackendAttributeName_t.CUDNN_ATTR_ENGINECFG_ENGINE, [engine]);
            var notes = ReadNotes(engine);
            var name = string.Create(CultureInfo.InvariantCulture,
                $"engine {engine.GetInt64(cudnnBackendAttributeName_t.CUDNN_ATTR_ENGINE_GLOBAL_INDEX)}");
            if (!filter.Accepts(notes, out var reason)) return Refuse($"{name}: {reason}");
            plan = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR)
                .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle.Handle)
                .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
            if (!plan.TryComplete(out reason)) return Refuse($"{name}: {reason}");
            var bytes = plan.GetInt64(cudnnBackendAttributeName_t.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
            if (bytes > maxWorkspaceBytes) return Refuse($"{name}: needs {bytes} bytes of workspace");
            var text = notes.ToString();
            var found = new PlanCandidate(plan, config, engine, bytes, text.Length == 0 ? name : $"{name} {text}",
                ReadJson(plan));
            engine = plan = null;
            return found;
        }
        finally
        {
            plan?.Dispose();
            engine?.Dispose();
        }
    }

    private PlanCandidate? Restore(string json)
    {
        var plan = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
        try
        {
            plan.Set(cudnnBackendAttributeName_t.CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle.Handle)
                .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                    Encoding.UTF8.GetBytes(json));
            if (!plan.TryComplete(out var reason)) return Refuse($"the stored plan: {reason}");
            var bytes = plan.GetInt64(cudnnBackendAttributeName_t.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
            return new PlanCandidate(plan, null, null, bytes, "stored plan", json);
        }
        catch (CudnnException e) when (e.Kind is CudnnStatusKind.NotSupported or CudnnStatusKind.BadParameter)
        {
            plan.Dispose();
            return Refuse($"the stored plan: {e.Message}");
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    private static EngineNotes ReadNotes(BackendDescriptor engine) => new(
        engine.GetValues<cudnnBackendNumericalNote_t>(cudnnBackendAttributeName_t.CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
            cudnnBackendAttributeType_t.CUDNN_TYPE_NUMERICAL_NOTE),
        engine.GetValues<cudnnBackendBehaviorNote_t>(cudnnBackendAttributeName_t.CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE,
            cudnnBackendAttributeType_t.CUDNN_TYPE_BEHAVIOR_NOTE));

    private static string? ReadJson(BackendDescriptor plan)
    {
        try
        {
            var text = plan.GetText(cudnnBackendAttributeName_t.CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION);
            return text.Length == 0 ? null : Encoding.UTF8.GetString(text).TrimEnd('\0');
        }
        catch (CudnnException)
        {
            // Not every engine can be written down; such a plan runs, but cannot be pinned.
            return null;
        }
    }

    private BackendDescriptor Create(cudnnBackendDescriptorType_t type) =>
        BackendDescriptor.Create(handle.Context, type);

    private PlanCandidate? Refuse(string reason)
    {
        Note(reason);
        return null;
    }

    private void Note(string reason)
    {
        if (_reasons.Count < MaxReasons) _reasons.Add(reason);
        else if (_reasons.Count == MaxReasons) _reasons.Add("and more");
    }
}
