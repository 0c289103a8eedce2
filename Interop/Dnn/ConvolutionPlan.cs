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
    }

    /// <summary>What is computed.</summary>
    public ConvolutionSpec Spec => _spec;

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
        string? pinned = null) =>
        TryCreate(handle, spec, maxWorkspaceBytes, pinned, out var reason)
        ?? throw new CodatException("cuDNN has no engine for the convolution", spec.ToString(), handle.ToString(),
            reason, "allow tf32 or a lower determinism, or raise the memory limit", isUsage: false);

    /// <summary>Plans a convolution, or says why it cannot be: fused patterns may have no engine.</summary>
    /// <param name="handle">The library.</param>
    /// <param name="spec">The convolution.</param>
    /// <param name="maxWorkspaceBytes">The most scratch memory an engine may ask for.</param>
    /// <param name="pinned">The <see cref="Json"/> of an earlier plan, to be used again as it was.</param>
    /// <param name="reason">Why there is none.</param>
    public static ConvolutionPlan? TryCreate(CudnnHandle handle, in ConvolutionSpec spec, long maxWorkspaceBytes,
        string? pinned, out string reason)
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
            if (search.Find(graph.Graph, pinned) is { } chosen)
            {
                reason = "";
                return new ConvolutionPlan(handle, spec, graph, chosen);
            }
            reason = search.Reasons;
        }
        catch
        {
            graph?.Dispose();
            throw;
        }
        graph.Dispose();
        return null;
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

    private CodatException Unfit(string name, long bytes, DeviceSpan<byte> buffer) =>
        new($"the {name} buffer does not fit the convolution", _spec.ToString(),
            string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes at a multiple of {_spec.Alignment}"),
            string.Create(CultureInfo.InvariantCulture, $"{buffer.Length:N0} bytes at 0x{buffer.Address:x}"),
            isUsage: false);
}
