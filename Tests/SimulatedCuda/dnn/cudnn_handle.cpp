#include <algorithm>
#include <cstring>

#include "../core/settings.h"
#include "descriptor.h"

namespace codat_sim::dnn {

Registry<DnnHandle>& dnn_handles() {
    static auto* registry = new Registry<DnnHandle>("cudnn_handles");
    return *registry;
}

namespace {

thread_local std::string t_last_error;

}

int fail(int status, const std::string& message) {
    t_last_error = Call::current() + ": " + message;
    return status;
}

}

using namespace codat_sim;

SIM_EXPORT size_t cudnnGetVersion() {
    SIM_COUNT(cudnnGetVersion);
    return static_cast<size_t>(settings().cudnn_version);
}

SIM_EXPORT size_t cudnnGetCudartVersion() {
    SIM_COUNT(cudnnGetCudartVersion);
    return static_cast<size_t>(settings().cudnn_cudart);
}

SIM_EXPORT size_t cudnnGetMaxDeviceVersion() {
    SIM_COUNT(cudnnGetMaxDeviceVersion);
    return 1200;
}

SIM_EXPORT const char* cudnnGetErrorString(int status) {
    SIM_COUNT(cudnnGetErrorString);
    switch (status) {
        case dnn::Success: return "CUDNN_STATUS_SUCCESS";
        case dnn::NotInitialized: return "CUDNN_STATUS_NOT_INITIALIZED";
        case 1002: return "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH";
        case 1008: return "CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED";
        case dnn::BadParam: return "CUDNN_STATUS_BAD_PARAM";
        case dnn::NullPointer: return "CUDNN_STATUS_BAD_PARAM_NULL_POINTER";
        case dnn::Misaligned: return "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER";
        case dnn::NotFinalized: return "CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED";
        case dnn::OutOfBound: return "CUDNN_STATUS_BAD_PARAM_OUT_OF_BOUND";
        case dnn::ShapeMismatch: return "CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH";
        case dnn::WrongAttributeType: return "CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE";
        case dnn::NotSupported: return "CUDNN_STATUS_NOT_SUPPORTED";
        case dnn::PatternNotSupported: return "CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN";
        case dnn::InternalError: return "CUDNN_STATUS_INTERNAL_ERROR";
        case dnn::ExecutionFailed: return "CUDNN_STATUS_EXECUTION_FAILED";
        default: return "unknown status of cuDNN";
    }
}

/// Belongs to the thread, and reading clears it.
SIM_EXPORT void cudnnGetLastErrorString(char* message, size_t bytes) {
    SIM_COUNT(cudnnGetLastErrorString);
    if (message == nullptr || bytes == 0) return;
    size_t length = std::min(bytes - 1, dnn::t_last_error.size());
    memcpy(message, dnn::t_last_error.data(), length);
    message[length] = 0;
    dnn::t_last_error.clear();
}

SIM_EXPORT int cudnnGetProperty(int which, int* value) {
    SIM_CALL(cudnnGetProperty);
    if (value == nullptr || which < 0 || which > 2) return dnn::fail(dnn::BadParam, "no such property");
    int version = settings().cudnn_version;
    *value = which == 0 ? version / 10000 : which == 1 ? version / 100 % 100 : version % 100;
    return dnn::Success;
}

SIM_EXPORT int cudnnGraphVersionCheck() {
    SIM_CALL(cudnnGraphVersionCheck);
    return dnn::Success;
}

SIM_EXPORT int cudnnCreate(Handle* handle) {
    SIM_CALL(cudnnCreate);
    if (handle == nullptr) return dnn::fail(dnn::NullPointer, "handle");
    auto made = std::make_shared<dnn::DnnHandle>();
    if (int status = current_context(&made->context))
        return dnn::fail(dnn::NotInitialized, "no usable context is current, status " + std::to_string(status));
    if (refuse_while_capturing() != 0) return dnn::fail(dnn::InternalError, "allocates while a stream is capturing");
    *handle = dnn::dnn_handles().add(made);
    return dnn::Success;
}

SIM_EXPORT int cudnnDestroy(Handle handle) {
    SIM_RELEASE(cudnnDestroy);
    auto gone = dnn::dnn_handles().take(handle);
    if (gone == nullptr) {
        if (dnn::dnn_handles().was_live(handle)) add_problem("a cuDNN handle is destroyed twice");
        return dnn::fail(dnn::BadParam, "no handle");
    }
    if (refuse_while_capturing(true) != 0) return dnn::fail(dnn::InternalError, "frees while a stream is capturing");
    drain_context(*gone->context);
    return SIM_RELEASED(dnn::Success);
}

SIM_EXPORT int cudnnSetStream(Handle handle, Handle stream) {
    SIM_CALL(cudnnSetStream);
    auto found = dnn::dnn_handles().find(handle);
    if (found == nullptr) return dnn::fail(dnn::BadParam, "no handle");
    if (stream > 2 && streams().find(stream) == nullptr) return dnn::fail(dnn::BadParam, "no stream");
    found->stream = stream;
    return dnn::Success;
}

SIM_EXPORT int cudnnGetStream(Handle handle, Handle* stream) {
    SIM_CALL(cudnnGetStream);
    auto found = dnn::dnn_handles().find(handle);
    if (found == nullptr || stream == nullptr) return dnn::fail(dnn::BadParam, "no handle");
    *stream = found->stream;
    return dnn::Success;
}
