#include "../core/memory.h"

#include "../core/settings.h"
#include "objects.h"

using namespace codat_sim;

namespace {

constexpr unsigned HostFlags = 7;         // portable, device map, write-combined

enum PointerAttribute {
    ContextAttribute = 1,
    MemoryType = 2,
    DevicePointer = 3,
    HostPointer = 4,
    IsManaged = 8,
    DeviceOrdinal = 9,
    RangeStart = 11,
    RangeSize = 12
};

int device_attribute(void* data, int which, const Allocation& found, uintptr_t address) {
    switch (which) {
        case ContextAttribute: *static_cast<uintptr_t*>(data) = found.context; return cu::Success;
        case MemoryType: *static_cast<unsigned*>(data) = 2; return cu::Success;
        case DevicePointer: *static_cast<uintptr_t*>(data) = address; return cu::Success;
        case IsManaged: *static_cast<int*>(data) = 0; return cu::Success;
        case DeviceOrdinal: *static_cast<int*>(data) = found.device; return cu::Success;
        case RangeStart: *static_cast<uintptr_t*>(data) = found.address; return cu::Success;
        case RangeSize: *static_cast<size_t*>(data) = found.bytes; return cu::Success;
        default: return cu::InvalidValue;
    }
}

int host_attribute(void* data, int which, const Context& context, uintptr_t address) {
    switch (which) {
        case ContextAttribute: *static_cast<uintptr_t*>(data) = context.handle; return cu::Success;
        case MemoryType: *static_cast<unsigned*>(data) = 1; return cu::Success;
        case DevicePointer: case HostPointer: *static_cast<uintptr_t*>(data) = address; return cu::Success;
        case IsManaged: *static_cast<int*>(data) = 0; return cu::Success;
        case DeviceOrdinal: *static_cast<int*>(data) = context.device; return cu::Success;
        default: return cu::InvalidValue;
    }
}

}

SIM_EXPORT int cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
    SIM_CALL(cuMemGetInfo_v2);
    SIM_CONTEXT(context);
    if (free_bytes == nullptr || total == nullptr) return cu::InvalidValue;
    *total = settings().memory;
    *free_bytes = *total - device_memory().used(context->device);
    return cu::Success;
}

SIM_EXPORT int cuMemAlloc_v2(uintptr_t* address, size_t bytes) {
    SIM_CALL(cuMemAlloc_v2);
    SIM_CONTEXT(context);
    if (address == nullptr || bytes == 0) return cu::InvalidValue;
    if (int status = refuse_while_capturing()) return status;
    uintptr_t made = device_memory().allocate(bytes, context->device, context->handle);
    if (made == 0) return cu::OutOfMemory;
    *address = made;
    return cu::Success;
}

SIM_EXPORT int cuMemFree_v2(uintptr_t address) {
    SIM_RELEASE(cuMemFree_v2);
    SIM_RELEASING_CONTEXT(context);
    if (address == 0) return SIM_RELEASED(sticky);
    if (int status = refuse_while_capturing(true)) return status;
    drain_context(*context);              // a free waits for the device
    if (!device_memory().release(address)) return cu::InvalidValue;
    return SIM_RELEASED(sticky);
}

SIM_EXPORT int cuMemHostAlloc(void** memory, size_t bytes, unsigned flags) {
    SIM_CALL(cuMemHostAlloc);
    SIM_CONTEXT(context);
    if (memory == nullptr || bytes == 0 || (flags & ~HostFlags) != 0) return cu::InvalidValue;
    if (int status = refuse_while_capturing()) return status;
    void* made = pinned_memory().allocate(bytes);
    if (made == nullptr) return cu::OutOfMemory;
    *memory = made;
    return cu::Success;
}

SIM_EXPORT int cuMemFreeHost(void* memory) {
    SIM_RELEASE(cuMemFreeHost);
    SIM_RELEASING_CONTEXT(context);
    if (memory == nullptr) return SIM_RELEASED(sticky);
    if (int status = refuse_while_capturing(true)) return status;
    drain_context(*context);
    if (!pinned_memory().release(memory)) return cu::InvalidValue;
    return SIM_RELEASED(sticky);
}

SIM_EXPORT int cuMemHostRegister_v2(void* memory, size_t bytes, unsigned flags) {
    SIM_CALL(cuMemHostRegister_v2);
    SIM_CONTEXT(context);
    if (memory == nullptr || bytes == 0 || (flags & ~15u) != 0) return cu::InvalidValue;
    if (int status = refuse_while_capturing()) return status;
    return pinned_memory().register_range(memory, bytes);
}

SIM_EXPORT int cuMemHostUnregister(void* memory) {
    SIM_RELEASE(cuMemHostUnregister);
    SIM_RELEASING_CONTEXT(context);
    if (int status = refuse_while_capturing(true)) return status;
    drain_context(*context);
    if (int status = pinned_memory().unregister(memory)) return status;
    return SIM_RELEASED(sticky);
}

SIM_EXPORT int cuPointerGetAttribute(void* data, int which, uintptr_t address) {
    SIM_CALL(cuPointerGetAttribute);
    SIM_CONTEXT(context);
    if (data == nullptr) return cu::InvalidValue;
    if (const Allocation* found = device_memory().find(address)) return device_attribute(data, which, *found, address);
    if (pinned_memory().find(reinterpret_cast<void*>(address)) == nullptr) return cu::InvalidValue;
    return host_attribute(data, which, *context, address);
}

SIM_EXPORT int cuMemGetAddressRange_v2(uintptr_t* base, size_t* bytes, uintptr_t address) {
    SIM_CALL(cuMemGetAddressRange_v2);
    SIM_CONTEXT(context);
    const Allocation* found = device_memory().find(address);
    if (found == nullptr) return cu::NotFound;
    if (base != nullptr) *base = found->address;
    if (bytes != nullptr) *bytes = found->bytes;
    return cu::Success;
}
