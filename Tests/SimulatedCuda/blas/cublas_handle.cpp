#include "../core/memory.h"
#include "cublas.h"

namespace codat_sim {

Registry<CublasHandle>& cublas_handles() {
    static auto* registry = new Registry<CublasHandle>("cublas_handles");
    return *registry;
}

const char* blas::status_name(int status) {
    switch (status) {
        case Success: return "CUBLAS_STATUS_SUCCESS";
        case NotInitialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case AllocFailed: return "CUBLAS_STATUS_ALLOC_FAILED";
        case InvalidValue: return "CUBLAS_STATUS_INVALID_VALUE";
        case ArchMismatch: return "CUBLAS_STATUS_ARCH_MISMATCH";
        case MappingError: return "CUBLAS_STATUS_MAPPING_ERROR";
        case ExecutionFailed: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case InternalError: return "CUBLAS_STATUS_INTERNAL_ERROR";
        case NotSupported: return "CUBLAS_STATUS_NOT_SUPPORTED";
        case 16: return "CUBLAS_STATUS_LICENSE_ERROR";
        default: return "unknown status of cuBLAS";
    }
}

}

using namespace codat_sim;

namespace {

std::shared_ptr<CublasHandle> find(Handle handle) {
    auto found = cublas_handles().find(handle);
    if (found == nullptr && cublas_handles().was_live(handle)) add_problem("use of a cuBLAS handle after its release");
    return found;
}

}

SIM_EXPORT int cublasCreate_v2(Handle* handle) {
    SIM_CALL(cublasCreate_v2);
    if (handle == nullptr) return blas::InvalidValue;
    auto made = std::make_shared<CublasHandle>();
    if (current_context(&made->context) != 0) return blas::NotInitialized;
    if (refuse_while_capturing() != 0) return blas::AllocFailed;
    *handle = cublas_handles().add(made);
    return blas::Success;
}

SIM_EXPORT int cublasDestroy_v2(Handle handle) {
    SIM_RELEASE(cublasDestroy_v2);
    auto gone = cublas_handles().take(handle);
    if (gone == nullptr) {
        find(handle);
        return blas::NotInitialized;
    }
    // The end of a handle waits for the device.
    if (refuse_while_capturing(true) != 0) return blas::InternalError;
    drain_context(*gone->context);
    return SIM_RELEASED(blas::Success);
}

SIM_EXPORT int cublasGetProperty(int which, int* value) {
    SIM_CALL(cublasGetProperty);
    if (value == nullptr || which < 0 || which > 2) return blas::InvalidValue;
    *value = which == 0 ? blas::Version / 10000 : which == 1 ? blas::Version / 100 % 100 : blas::Version % 100;
    return blas::Success;
}

SIM_EXPORT int cublasGetVersion_v2(Handle handle, int* version) {
    SIM_CALL(cublasGetVersion_v2);
    if (find(handle) == nullptr) return blas::NotInitialized;
    if (version == nullptr) return blas::InvalidValue;
    *version = blas::Version;
    return blas::Success;
}

SIM_EXPORT size_t cublasGetCudartVersion() {
    SIM_COUNT(cublasGetCudartVersion);
    return 12040;
}

SIM_EXPORT const char* cublasGetStatusName(int status) {
    SIM_COUNT(cublasGetStatusName);
    return blas::status_name(status);
}

SIM_EXPORT const char* cublasGetStatusString(int status) {
    SIM_COUNT(cublasGetStatusString);
    return blas::status_name(status);
}

SIM_EXPORT int cublasSetStream_v2(Handle handle, Handle stream) {
    SIM_CALL(cublasSetStream_v2);
    auto found = find(handle);
    if (found == nullptr) return blas::NotInitialized;
    if (stream > 2 && streams().find(stream) == nullptr) return blas::InvalidValue;
    found->stream = stream;
    found->own_workspace = true;          // a new stream goes with the library's own workspace again
    found->workspace = found->workspace_bytes = 0;
    return blas::Success;
}

SIM_EXPORT int cublasGetStream_v2(Handle handle, Handle* stream) {
    SIM_CALL(cublasGetStream_v2);
    auto found = find(handle);
    if (found == nullptr) return blas::NotInitialized;
    if (stream == nullptr) return blas::InvalidValue;
    *stream = found->stream;
    return blas::Success;
}

SIM_EXPORT int cublasSetWorkspace_v2(Handle handle, uintptr_t workspace, size_t bytes) {
    SIM_CALL(cublasSetWorkspace_v2);
    auto found = find(handle);
    if (found == nullptr) return blas::NotInitialized;
    if (workspace % 256 != 0 || (workspace == 0 && bytes > 0)) return blas::InvalidValue;
    if (!device_memory().check(workspace, bytes, "workspace of cuBLAS")) return blas::InvalidValue;
    found->workspace = workspace;
    found->workspace_bytes = bytes;
    found->own_workspace = false;
    return blas::Success;
}

SIM_EXPORT int cublasSetMathMode(Handle handle, int mode) {
    SIM_CALL(cublasSetMathMode);
    auto found = find(handle);
    if (found == nullptr) return blas::NotInitialized;
    int basic = mode & ~16;
    if (basic != 0 && basic != 1 && basic != 2 && basic != 3) return blas::InvalidValue;
    found->math_mode = mode;
    return blas::Success;
}

SIM_EXPORT int cublasSetPointerMode_v2(Handle handle, int mode) {
    SIM_CALL(cublasSetPointerMode_v2);
    auto found = find(handle);
    if (found == nullptr) return blas::NotInitialized;
    if (mode != 0 && mode != 1) return blas::InvalidValue;
    found->device_scalars = mode == 1;
    return blas::Success;
}

SIM_EXPORT int cublasSetAtomicsMode(Handle handle, int mode) {
    SIM_CALL(cublasSetAtomicsMode);
    auto found = find(handle);
    if (found == nullptr) return blas::NotInitialized;
    if (mode != 0 && mode != 1) return blas::InvalidValue;
    found->atomics = mode == 1;
    return blas::Success;
}
