#include <cstdio>
#include <cstring>

#include "../core/settings.h"
#include "objects.h"

using namespace codat_sim;

namespace {

int check_device(int device) {
    if (!initialised()) return cu::NotInitialized;
    return device < 0 || device >= settings().devices ? cu::InvalidDevice : cu::Success;
}

struct StatusName {
    int status;
    const char* name;
    const char* text;
};

constexpr StatusName Names[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {4, "CUDA_ERROR_DEINITIALIZED", "driver shutting down"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain"},
    {304, "CUDA_ERROR_OPERATING_SYSTEM", "OS call failed or operation not supported on this OS"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {401, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {709, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"},
    {710, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {712, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"},
    {713, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {800, "CUDA_ERROR_NOT_PERMITTED", "operation not permitted"},
    {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {902, "CUDA_ERROR_STREAM_CAPTURE_MERGE", "operation would result in a merge of separate capture sequences"},
    {903, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {904, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {905, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"},
    {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing one"},
    {907, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {908, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "attempt to terminate a thread-local capture from another thread"},
    {910, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph update was not performed"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const StatusName* find_name(int status) {
    for (const StatusName& name : Names)
        if (name.status == status) return &name;
    return nullptr;
}

int attribute(int which) {
    switch (which) {
        case 1: case 2: case 3: return 1024;                           // threads of a block; its x and y
        case 4: return 64;
        case 5: return 2147483647;
        case 6: case 7: return 65535;
        case 8: return 48 * 1024;
        case 9: return 64 * 1024;
        case 10: return 32;
        case 12: return 65536;
        case 13: return 1755000;
        case 16: return settings().multiprocessors;
        case 31: case 41: case 90: return 1;
        case 33: return 1;
        case 36: return 2619000;
        case 37: return 5120;
        case 38: return 50 << 20;
        case 39: return 2048;
        case 75: return settings().compute_major;
        case 76: return settings().compute_minor;
        case 81: return 228 * 1024;
        case 82: return 65536;
        case 95: return 1;
        case 97: return 227 * 1024;
        case 106: return 32;
        case 111: return 1024;
        case 115: return 1;
        default: return 0;
    }
}

}

SIM_EXPORT int cuDriverGetVersion(int* version) {
    SIM_CALL(cuDriverGetVersion);
    if (version == nullptr) return cu::InvalidValue;
    *version = settings().driver_version;
    return cu::Success;
}

SIM_EXPORT int cuGetErrorName(int status, const char** name) {
    SIM_CALL(cuGetErrorName);
    if (name == nullptr) return cu::InvalidValue;
    const StatusName* found = find_name(status);
    *name = found != nullptr ? found->name : nullptr;
    return found != nullptr ? cu::Success : cu::InvalidValue;
}

SIM_EXPORT int cuGetErrorString(int status, const char** text) {
    SIM_CALL(cuGetErrorString);
    if (text == nullptr) return cu::InvalidValue;
    const StatusName* found = find_name(status);
    *text = found != nullptr ? found->text : nullptr;
    return found != nullptr ? cu::Success : cu::InvalidValue;
}

SIM_EXPORT int cuDeviceGetCount(int* count) {
    SIM_CALL(cuDeviceGetCount);
    if (!initialised()) return cu::NotInitialized;
    if (count == nullptr) return cu::InvalidValue;
    *count = settings().devices;
    return cu::Success;
}

SIM_EXPORT int cuDeviceGet(int* device, int ordinal) {
    SIM_CALL(cuDeviceGet);
    if (int status = check_device(ordinal)) return status;
    if (device == nullptr) return cu::InvalidValue;
    *device = ordinal;
    return cu::Success;
}

SIM_EXPORT int cuDeviceGetName(char* name, int length, int device) {
    SIM_CALL(cuDeviceGetName);
    if (int status = check_device(device)) return status;
    if (name == nullptr || length <= 0) return cu::InvalidValue;
    snprintf(name, static_cast<size_t>(length), "Simulated device %d", device);
    return cu::Success;
}

SIM_EXPORT int cuDeviceGetUuid_v2(unsigned char* uuid, int device) {
    SIM_CALL(cuDeviceGetUuid_v2);
    if (int status = check_device(device)) return status;
    if (uuid == nullptr) return cu::InvalidValue;
    memcpy(uuid, "codat-simulated", 15);
    uuid[15] = static_cast<unsigned char>(device);
    return cu::Success;
}

SIM_EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int device) {
    SIM_CALL(cuDeviceTotalMem_v2);
    if (int status = check_device(device)) return status;
    if (bytes == nullptr) return cu::InvalidValue;
    *bytes = settings().memory;
    return cu::Success;
}

SIM_EXPORT int cuDeviceGetAttribute(int* value, int which, int device) {
    SIM_CALL(cuDeviceGetAttribute);
    if (int status = check_device(device)) return status;
    if (value == nullptr || which <= 0 || which > 200) return cu::InvalidValue;
    *value = attribute(which);
    return cu::Success;
}

SIM_EXPORT int cuDeviceGetPCIBusId(char* id, int length, int device) {
    SIM_CALL(cuDeviceGetPCIBusId);
    if (int status = check_device(device)) return status;
    if (id == nullptr || length < 13) return cu::InvalidValue;
    snprintf(id, static_cast<size_t>(length), "0000:%02x:00.0", device + 1);
    return cu::Success;
}
