using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>
/// A convolution, planned: an engine chosen and built by cuDNN. Bound to addresses, it runs without allocation.
/// </summary>
/// <remarks>One thread at a time. The engine never changes after creation.</remarks>
internal sealed class ConvolutionPlan : IDisposable
{
    private readonly CudnnHandle _handle;
    private readonly ConvolutionGraph _graph;
    private readonly PlanCandidate _chosen;
    private readonly ConvolutionSpec _spec;

    private ConvolutionPlan(CudnnHandle handle, in ConvolutionSpec spec, ConvolutionGraph graph, PlanCandidate chosen)
    {
        _handle = handle;
        _spec = spec;
        _graph = graph;
        _chosen = chosen;
        Name = $"cudnn {spec.Direction}";
    }

    /// <summary>What is computed.</summary>
    public ConvolutionSpec Spec => _spec;

    /// <summary>What a profile calls it.</summary>
    public string Name { get; }

    /// <summary>Scratch memory the engine needs, in bytes.</summary>
    public long WorkspaceBytes => _chosen.WorkspaceBytes;

    /// <summary>What the engine says about itself, for the manifest of a run.</summary>
    public string Engine => _chosen.Notes;

    /// <summary>
    /// The library's own description of the plan, from which it can be restored; null where it gives none.
    /// </summary>
    public string? Json => _chosen.Json;

    internal BackendDescriptor Descriptor => _chosen.Plan;

    /// <summary>Plans a convolution.</summary>
    /// <exception cref="CodatException">No engine fits; the message tells why each was passed over.</exception>
    public static ConvolutionPlan Create(CudnnHandle handle, in ConvolutionSpec spec, long maxWorkspaceBytes,
        string? pinned = null, PlanTimer? timer = null) =>
        TryCreate(handle, spec, maxWorkspaceBytes, pinned, out var reason, timer)
        ?? throw new CodatException("cuDNN has no engine for the convolution", spec.ToString(), handle.ToString(),
            reason, "allow tf32 or a lower determinism, or raise the memory limit", isUsage: false);

    /// <summary>Plans a convolution, or says why it cannot be: fused patterns may have no engine.</summary>
    /// <param name="handle">The library.</param>
    /// <param name="spec">The convolution.</param>
    /// <param name="maxWorkspaceBytes">The most scratch memory an engine may ask for.</param>
    /// <param name="pinned">The <see cref="Json"/> of an earlier plan, to be used again as it was.</param>
    /// <param name="reason">Why there is none.</param>
    /// <param name="timer">Compares plans where nothing is promised about repeating; null takes the library's
    /// first.</param>
    public static ConvolutionPlan? TryCreate(CudnnHandle handle, in ConvolutionSpec spec, long maxWorkspaceBytes,
        string? pinned, out string reason, PlanTimer? timer = null)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentOutOfRangeException.ThrowIfNegative(maxWorkspaceBytes);
        spec.Check();
        using var scope = handle.Context.Enter();
        ConvolutionGraph? graph = null;
        try
        {
            graph = ConvolutionGraph.Build(handle, spec);
            var search = new PlanSearch(handle, new EngineFilter(spec.Determinism, spec.Precision), maxWorkspaceBytes);
            var isTimed = timer is not null && pinned is null && spec.Determinism == Determinism.Fast;
            var found = search.Find(graph.Graph, pinned, isTimed ? PlanTimer.MostPlans : 1);
            reason = search.Reasons;
            if (found.Count > 0) return Choose(handle, spec, graph, found, timer);
        }
        catch
        {
            graph?.Dispose();
            throw;
        }
        graph.Dispose();
        return null;
    }

    /// <summary>The memory the plan works on, without workspace, from whoever allocates it.</summary>
    internal ConvolutionBuffers BuffersOf(Func<long, DeviceSpan<byte>> allocate)
    {
        return new ConvolutionBuffers
        {
            Input = Take(_graph.Input), Filter = Take(_graph.Filter), Output = Take(_graph.Output),
            Bias = Take(_graph.Bias), Addend = Take(_graph.Addend), ReluSource = Take(_graph.ReluSource),
        };

        DeviceSpan<byte> Take(GraphTensor? tensor) => tensor is null ? default : allocate(tensor.Bytes);
    }

    /// <summary>Fixes the plan to addresses; a binding is made once and run many times.</summary>
    public ConvolutionBinding Bind(in ConvolutionBuffers buffers)
    {
        using var scope = _handle.Context.Enter();
        var ids = new List<long>();
        var pointers = new List<CUdeviceptr>();
        Take("input", _graph.Input, buffers.Input);
        Take("filter", _graph.Filter, buffers.Filter);
        Take("output", _graph.Output, buffers.Output);
        Take("bias", _graph.Bias, buffers.Bias);
        Take("addend", _graph.Addend, buffers.Addend);
        Take("ReLU source", _graph.ReluSource, buffers.ReluSource);
        if (buffers.Workspace.Length < WorkspaceBytes) throw Unfit("workspace", WorkspaceBytes, buffers.Workspace);
        var pack = BackendDescriptor.Create(_handle.Context,
            cudnnBackendDescriptorType_t.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
        try
        {
            pack.Set(cudnnBackendAttributeName_t.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids.ToArray())
                .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers.ToArray())
                .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_VARIANT_PACK_WORKSPACE, buffers.Workspace.Pointer)
                .Complete();
            return new ConvolutionBinding(_handle, this, pack);
        }
        catch
        {
            pack.Dispose();
            throw;
        }

        void Take(string name, GraphTensor? tensor, DeviceSpan<byte> buffer)
        {
            if (tensor is null) return;
            if (buffer.Length < tensor.Bytes || buffer.Address % (ulong)_spec.Alignment != 0)
                throw Unfit(name, tensor.Bytes, buffer);
            ids.Add(tensor.Id);
            pointers.Add(buffer.Pointer);
        }
    }

    public void Dispose()
    {
        _chosen.Dispose();
        _graph.Dispose();
    }

    private static ConvolutionPlan Choose(CudnnHandle handle, in ConvolutionSpec spec, ConvolutionGraph graph,
        List<PlanCandidate> found, PlanTimer? timer)
    {
        var plans = new ConvolutionPlan[found.Count];
        for (var i = 0; i < plans.Length; i++) plans[i] = new ConvolutionPlan(handle, spec, graph, found[i]);
        var best = 0;
        try
        {
            if (plans.Length > 1 && timer is not null) best = timer.Fastest(plans);
        }
        catch
        {
            foreach (var candidate in found) candidate.Dispose();
            throw;
        }
        // They share the graph, which the chosen one keeps.
        for (var i = 0; i < plans.Length; i++)
            if (i != best) found[i].Dispose();
        return plans[best];
    }

    private CodatException Unfit(string name, long bytes, DeviceSpan<byte> buffer) =>
        new($"the {name} buffer does not fit the convolution", _spec.ToString(),
            string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes at a multiple of {_spec.Alignment}"),
            string.Create(CultureInfo.InvariantCulture, $"{buffer.Length:N0} bytes at 0x{buffer.Address:x}"),
            isUsage: false);
}
