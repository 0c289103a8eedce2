namespace Codat.Native.Interop;

/// <summary>A descriptor of cuDNN's graph interface: attributes are set, then it is finalized and only read.</summary>
/// <remarks>Holds the descriptors it refers to, so none goes before those that need it. One thread at a time.</remarks>
internal sealed unsafe class BackendDescriptor : IDisposable
{
    private readonly OwnedHandle _handle;
    private readonly cudnnBackendDescriptorType_t _type;
    private readonly List<object> _kept = [];

    private BackendDescriptor(OwnedHandle handle, cudnnBackendDescriptorType_t type)
    {
        _handle = handle;
        _type = type;
    }

    internal cudnnBackendDescriptor_t Handle => new(_handle.Get(this));

    internal static BackendDescriptor Create(CudaContext context, cudnnBackendDescriptorType_t type)
    {
        CudnnApi.cudnnBackendCreateDescriptor(type, out var native)
            .ThrowIfFailed($"cudnnBackendCreateDescriptor({type})");
        return new BackendDescriptor(new OwnedHandle(context, native.Value, &Destroy), type);
    }

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, params ReadOnlySpan<long> values)
    {
        fixed (long* first = values)
            return Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_INT64, values.Length, first);
    }

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, float value) =>
        Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_FLOAT, 1, &value);

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, double value) =>
        Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_DOUBLE, 1, &value);

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, bool value)
    {
        // The library's boolean is one byte.
        var flag = value ? (byte)1 : (byte)0;
        return Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_BOOLEAN, 1, &flag);
    }

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, cudnnDataType_t value) =>
        Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_DATA_TYPE, 1, &value);

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, cudnnConvolutionMode_t value) =>
        Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_CONVOLUTION_MODE, 1, &value);

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, cudnnPointwiseMode_t value) =>
        Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_POINTWISE_MODE, 1, &value);

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, cudnnBackendHeurMode_t value) =>
        Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_HEUR_MODE, 1, &value);

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, cudnnHandle_t value) =>
        Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_HANDLE, 1, &value);

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, params ReadOnlySpan<CUdeviceptr> values)
    {
        fixed (CUdeviceptr* first = values)
            return Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_VOID_PTR, values.Length, first);
    }

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, ReadOnlySpan<byte> text)
    {
        fixed (byte* first = text) return Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_CHAR, text.Length, first);
    }

    internal BackendDescriptor Set(cudnnBackendAttributeName_t name, params ReadOnlySpan<BackendDescriptor> values)
    {
        var handles = stackalloc cudnnBackendDescriptor_t[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            handles[i] = values[i].Handle;
            _kept.Add(values[i]);
        }
        return Set(name, cudnnBackendAttributeType_t.CUDNN_TYPE_BACKEND_DESCRIPTOR, values.Length, handles);
    }

    /// <summary>Finalizes the descriptor; one that fails is released.</summary>
    internal BackendDescriptor Complete()
    {
        var status = CudnnApi.cudnnBackendFinalize(Handle);
        if (status == cudnnStatus_t.CUDNN_STATUS_SUCCESS) return this;
        var error = status.ToException($"cudnnBackendFinalize({_type})");
        Dispose();
        throw error;
    }

    /// <summary>Finalizes the descriptor; where the library does not support it, releases it and says why.</summary>
    internal bool TryComplete(out string reason)
    {
        reason = "";
        var status = CudnnApi.cudnnBackendFinalize(Handle);
        if (status == cudnnStatus_t.CUDNN_STATUS_SUCCESS) return true;
        var error = status.ToException($"cudnnBackendFinalize({_type})");
        Dispose();
        // A parameter that only this engine refuses, and an engine that fails inside, also mean: try the next one.
        if (error.Kind is not (CudnnStatusKind.NotSupported or CudnnStatusKind.BadParameter
            or CudnnStatusKind.InternalError))
        {
            throw error;
        }
        reason = error.Detail.Length > 0 ? error.Detail : error.Found ?? "not supported";
        return false;
    }

    /// <summary>The number of elements an attribute has.</summary>
    internal long Count(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type)
    {
        CudnnApi.cudnnBackendGetAttribute(Handle, name, type, 0, out var count, null)
            .ThrowIfFailed($"cudnnBackendGetAttribute({name})");
        return count;
    }

    internal long GetInt64(cudnnBackendAttributeName_t name)
    {
        long value = 0;
        CudnnApi.cudnnBackendGetAttribute(Handle, name, cudnnBackendAttributeType_t.CUDNN_TYPE_INT64, 1, out _, &value)
            .ThrowIfFailed($"cudnnBackendGetAttribute({name})");
        return value;
    }

    /// <summary>Reads a list of values, as many as there are.</summary>
    internal T[] GetValues<T>(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type) where T : unmanaged
    {
        // Not every attribute is known to tell its length to a caller without room: short ones are read without asking.
        const int Short = 16;
        var values = new T[Short];
        var count = Read<T>(name, type, values);
        if (count < Short) return values[..(int)count];
        values = new T[Count(name, type)];
        count = Read<T>(name, type, values);
        return count < values.Length ? values[..(int)count] : values;
    }

    /// <summary>
    /// Reads a text: its length is asked for first, as a library may refuse a buffer that is too small.
    /// </summary>
    internal byte[] GetText(cudnnBackendAttributeName_t name)
    {
        const cudnnBackendAttributeType_t Type = cudnnBackendAttributeType_t.CUDNN_TYPE_CHAR;
        var text = new byte[Count(name, Type)];
        return text.Length == 0 ? text : text[..(int)Read<byte>(name, Type, text)];
    }

    /// <summary>Lets the library fill descriptors that were created for it; returns how many it filled.</summary>
    internal int Fill(cudnnBackendAttributeName_t name, ReadOnlySpan<BackendDescriptor> targets)
    {
        var handles = new cudnnBackendDescriptor_t[targets.Length];
        for (var i = 0; i < targets.Length; i++) handles[i] = targets[i].Handle;
        fixed (cudnnBackendDescriptor_t* first = handles)
        {
            CudnnApi.cudnnBackendGetAttribute(Handle, name, cudnnBackendAttributeType_t.CUDNN_TYPE_BACKEND_DESCRIPTOR,
                targets.Length, out var count, first).ThrowIfFailed($"cudnnBackendGetAttribute({name})");
            return checked((int)count);
        }
    }

    public void Dispose() => _handle.Dispose();

    private long Read<T>(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, Span<T> values)
        where T : unmanaged
    {
        fixed (T* first = values)
        {
            CudnnApi.cudnnBackendGetAttribute(Handle, name, type, values.Length, out var count, first)
                .ThrowIfFailed($"cudnnBackendGetAttribute({name})");
            return count;
        }
    }

    private static void Destroy(CudaContext context, nint handle) =>
        CudnnApi.cudnnBackendDestroyDescriptor(new cudnnBackendDescriptor_t(handle)).ParkIfFailed(context);

    private BackendDescriptor Set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, long count,
        void* values)
    {
        var status = CudnnApi.cudnnBackendSetAttribute(Handle, name, type, count, values);
        if (status == cudnnStatus_t.CUDNN_STATUS_SUCCESS) return this;
        var error = status.ToException($"cudnnBackendSetAttribute({name})");
        Dispose();
        throw error;
    }
}
