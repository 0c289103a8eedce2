using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>cuDNN: versions, handles, and the functions that are the whole graph interface.</summary>
internal static unsafe partial class CudnnApi
{
    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial nuint cudnnGetVersion();

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial nuint cudnnGetCudartVersion();

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial byte* cudnnGetErrorString(cudnnStatus_t status);

    // Reading clears it, and it belongs to the thread: read once, at once, where the error is thrown.
    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial void cudnnGetLastErrorString(byte* message, nuint maxSize);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnCreate(out cudnnHandle_t handle);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnDestroy(cudnnHandle_t handle);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, CUstream streamId);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t descriptorType,
        out cudnnBackendDescriptor_t descriptor);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
        cudnnBackendAttributeName_t attributeName, cudnnBackendAttributeType_t attributeType, long elementCount,
        void* arrayOfElements);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor,
        cudnnBackendAttributeName_t attributeName, cudnnBackendAttributeType_t attributeType,
        long requestedElementCount, out long elementCount, void* arrayOfElements);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor);

    [LibraryImport(LibraryNames.Cudnn)]
    internal static partial cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle,
        cudnnBackendDescriptor_t executionPlan, cudnnBackendDescriptor_t variantPack);
}
