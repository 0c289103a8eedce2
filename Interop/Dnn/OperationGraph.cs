namespace Codat.Native.Interop;

/// <summary>Operations that cuDNN computes together; tensors are numbered in the order they are made.</summary>
/// <remarks>Owns every descriptor made for it.</remarks>
internal sealed class OperationGraph : IDisposable
{
    private readonly CudnnHandle _handle;
    private readonly cudnnDataType_t _computeType;
    private readonly int _alignment;
    private readonly List<BackendDescriptor> _descriptors = [];
    private readonly List<BackendDescriptor> _operations = [];
    private long _tensors;

    internal OperationGraph(CudnnHandle handle, cudnnDataType_t computeType, int alignment)
    {
        _handle = handle;
        _computeType = computeType;
        _alignment = alignment;
    }

    /// <summary>A tensor in memory with channels innermost, given as N, C, H, W.</summary>
    internal GraphTensor Tensor(cudnnDataType_t type, params ReadOnlySpan<long> dims) =>
        Make(type, dims, isVirtual: false);

    /// <summary>A tensor between two operations; it is kept in the compute type and never stored.</summary>
    internal GraphTensor Virtual(params ReadOnlySpan<long> dims) => Make(_computeType, dims, isVirtual: true);

    /// <summary>
    /// Adds the convolution of a specification over three tensors, named as in the forward direction.
    /// </summary>
    internal void Convolution(in ConvolutionSpec spec, GraphTensor input, GraphTensor filter, GraphTensor output)
    {
        var shape = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_CONVOLUTION_COMP_TYPE, _computeType)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_CONVOLUTION_CONV_MODE,
                cudnnConvolutionMode_t.CUDNN_CROSS_CORRELATION)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_CONVOLUTION_DILATIONS, spec.DilationH, spec.DilationW)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, spec.StrideH, spec.StrideW)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, spec.PadTop, spec.PadLeft)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, spec.PadBottom, spec.PadRight)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2L)
            .Complete();
        var names = ConvolutionAttributes.Of(spec.Direction);
        var operation = Create(names.Type)
            .Set(names.Convolution, shape)
            .Set(names.Input, input.Descriptor)
            .Set(names.Filter, filter.Descriptor)
            .Set(names.Output, output.Descriptor);
        SetScalars(operation, names.Alpha, names.Beta, beta: 0);
        _operations.Add(operation.Complete());
    }

    /// <summary>Adds <c>y = x + b</c>; b may have size 1 where x has more.</summary>
    internal void Add(GraphTensor x, GraphTensor b, GraphTensor y)
    {
        var operation = Pointwise(cudnnPointwiseMode_t.CUDNN_POINTWISE_ADD)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x.Descriptor)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b.Descriptor)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y.Descriptor);
        SetScalars(operation, cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1,
            cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2, beta: 1);
        _operations.Add(operation.Complete());
    }

    /// <summary>Adds <c>y = max(x, 0)</c>.</summary>
    internal void Relu(GraphTensor x, GraphTensor y) =>
        _operations.Add(Pointwise(cudnnPointwiseMode_t.CUDNN_POINTWISE_RELU_FWD)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x.Descriptor)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y.Descriptor)
            .Complete());

    /// <summary>Adds <c>dx = dy where x is positive, else 0</c>; x may also be what came out of the ReLU.</summary>
    internal void ReluGradient(GraphTensor dy, GraphTensor x, GraphTensor dx) =>
        _operations.Add(Pointwise(cudnnPointwiseMode_t.CUDNN_POINTWISE_RELU_BWD)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x.Descriptor)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, dy.Descriptor)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, dx.Descriptor)
            .Complete());

    /// <summary>The finalized graph; false with the library's reason where it knows no such pattern.</summary>
    internal bool TryComplete(out BackendDescriptor graph, out string reason)
    {
        graph = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATIONGRAPH_HANDLE, _handle.Handle)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATIONGRAPH_OPS,
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_operations));
        return graph.TryComplete(out reason);
    }

    public void Dispose()
    {
        // Last made first: what refers to others goes before them.
        for (var i = _descriptors.Count - 1; i >= 0; i--) _descriptors[i].Dispose();
        _descriptors.Clear();
    }

    /// <summary>Strides of a dense tensor given as N, C, H, W that lies in memory as N, H, W, C.</summary>
    internal static long[] ChannelsInnermost(ReadOnlySpan<long> dims) =>
        [checked(dims[1] * dims[2] * dims[3]), 1, checked(dims[1] * dims[3]), dims[1]];

    internal static int SizeOf(cudnnDataType_t type) => type switch
    {
        cudnnDataType_t.CUDNN_DATA_DOUBLE => 8,
        cudnnDataType_t.CUDNN_DATA_FLOAT => 4,
        cudnnDataType_t.CUDNN_DATA_HALF or cudnnDataType_t.CUDNN_DATA_BFLOAT16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private GraphTensor Make(cudnnDataType_t type, ReadOnlySpan<long> dims, bool isVirtual)
    {
        var id = ++_tensors;
        var descriptor = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_TENSOR_DESCRIPTOR)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_TENSOR_DATA_TYPE, type)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_TENSOR_DIMENSIONS, dims)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_TENSOR_STRIDES, ChannelsInnermost(dims))
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, (long)_alignment);
        if (isVirtual) descriptor.Set(cudnnBackendAttributeName_t.CUDNN_ATTR_TENSOR_IS_VIRTUAL, true);
        long bytes = SizeOf(type);
        foreach (var dim in dims) bytes = checked(bytes * dim);
        return new GraphTensor(id, isVirtual ? 0 : bytes, descriptor.Complete());
    }

    private BackendDescriptor Pointwise(cudnnPointwiseMode_t mode)
    {
        var kind = Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_POINTWISE_DESCRIPTOR)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_POINTWISE_MODE, mode)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_POINTWISE_MATH_PREC, _computeType)
            .Complete();
        return Create(cudnnBackendDescriptorType_t.CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
            .Set(cudnnBackendAttributeName_t.CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kind);
    }

    private void SetScalars(BackendDescriptor operation, cudnnBackendAttributeName_t alpha,
        cudnnBackendAttributeName_t other, int beta)
    {
        if (_computeType == cudnnDataType_t.CUDNN_DATA_DOUBLE) operation.Set(alpha, 1.0).Set(other, (double)beta);
        else operation.Set(alpha, 1f).Set(other, (float)beta);
    }

    private BackendDescriptor Create(cudnnBackendDescriptorType_t type)
    {
        var descriptor = BackendDescriptor.Create(_handle.Context, type);
        _descriptors.Add(descriptor);
        return descriptor;
    }
}
