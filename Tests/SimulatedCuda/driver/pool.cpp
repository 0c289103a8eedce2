// Memory in stream order. The pools only count; memory comes from the same place as everything else.
#include <algorithm>
#include <map>

#include "../core/memory.h"
#include "../core/settings.h"
#include "objects.h"

using namespace codat_sim;

namespace {

enum PoolAttribute { ReleaseThreshold = 4, ReservedNow = 5, ReservedHigh = 6, UsedNow = 7, UsedHigh = 8 };

struct Pool {
    int device;
    unsigned long long threshold = 0, used = 0, used_high = 0;
};

Registry<Pool>& pools() {
    static auto* registry = new Registry<Pool>("default_pools");
    return *registry;
}

Handle default_pool(int device) {
    static auto* handles = new std::map<int, Handle>();
    auto [found, fresh] = handles->try_emplace(device, 0);
    if (fresh) found->second = pools().add(std::make_shared<Pool>(Pool{device}));
    return found->second;
}

std::map<uintptr_t, Handle>& owners() {
    static auto* map = new std::map<uintptr_t, Handle>();
    return *map;
}

int allocate(uintptr_t* address, size_t bytes, Handle pool_handle, Handle stream_handle) {
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(stream_handle, &stream)) return status;
    auto pool = pools().find(pool_handle);
    if (address == nullptr || bytes == 0 || pool == nullptr) return cu::InvalidValue;
    if (stream->capture != nullptr) {
        stream->capture->invalidated = true;
        return cu::NotSupported;          // memory nodes are not simulated
    }
    uintptr_t made = device_memory().allocate(bytes, pool->device, stream->context->handle);
    if (made == 0) return cu::OutOfMemory;
    owners()[made] = pool_handle;
    pool->used += bytes;
    pool->used_high = std::max(pool->used_high, pool->used);
    *address = made;
    return cu::Success;
}

}

SIM_EXPORT int cuDeviceGetDefaultMemPool(Handle* pool, int device) {
    SIM_CALL(cuDeviceGetDefaultMemPool);
    if (!initialised()) return cu::NotInitialized;
    if (device < 0 || device >= settings().devices) return cu::InvalidDevice;
    if (pool == nullptr) return cu::InvalidValue;
    *pool = default_pool(device);
    return cu::Success;
}

SIM_EXPORT int cuMemAllocAsync(uintptr_t* address, size_t bytes, Handle stream) {
    SIM_CALL(cuMemAllocAsync);
    SIM_CONTEXT(context);
    return allocate(address, bytes, default_pool(context->device), stream);
}

SIM_EXPORT int cuMemAllocFromPoolAsync(uintptr_t* address, size_t bytes, Handle pool, Handle stream) {
    SIM_CALL(cuMemAllocFromPoolAsync);
    return allocate(address, bytes, pool, stream);
}

SIM_EXPORT int cuMemFreeAsync(uintptr_t address, Handle stream_handle) {
    SIM_RELEASE(cuMemFreeAsync);
    SIM_RELEASING_CONTEXT(context);
    auto stream = stream_handle <= 2 ? context->legacy : streams().find(stream_handle);
    if (stream == nullptr) return bad_handle(streams(), streams().was_live(stream_handle));
    const Allocation* found = device_memory().find(address);
    if (found == nullptr || found->address != address) {
        device_memory().release(address); // notes what is wrong with it
        return cu::InvalidValue;
    }
    if (stream->capture != nullptr) {
        stream->capture->invalidated = true;
        return cu::NotSupported;
    }
    push(*stream, "free in stream order", [address] {
        auto owner = owners().find(address);
        const Allocation* live = device_memory().find(address);
        if (owner != owners().end()) {
            if (auto pool = pools().find(owner->second)) pool->used -= live != nullptr ? live->bytes : 0;
            owners().erase(owner);
        }
        return device_memory().release(address) ? 0 : int(cu::InvalidValue);
    }, true);
    return SIM_RELEASED(sticky);
}

SIM_EXPORT int cuMemPoolSetAttribute(Handle handle, int which, const void* value) {
    SIM_CALL(cuMemPoolSetAttribute);
    auto pool = pools().find(handle);
    if (pool == nullptr || value == nullptr) return cu::InvalidValue;
    auto number = *static_cast<const unsigned long long*>(value);
    if (which == ReleaseThreshold) pool->threshold = number;
    else if (which == UsedHigh && number == 0) pool->used_high = pool->used;
    else if (which < 1 || which > 8) return cu::InvalidValue;
    return cu::Success;
}

SIM_EXPORT int cuMemPoolGetAttribute(Handle handle, int which, void* value) {
    SIM_CALL(cuMemPoolGetAttribute);
    auto pool = pools().find(handle);
    if (pool == nullptr || value == nullptr) return cu::InvalidValue;
    auto* number = static_cast<unsigned long long*>(value);
    switch (which) {
        case ReleaseThreshold: *number = pool->threshold; break;
        case ReservedNow: case UsedNow: *number = pool->used; break;
        case ReservedHigh: case UsedHigh: *number = pool->used_high; break;
        default: return cu::InvalidValue;
    }
    return cu::Success;
}

SIM_EXPORT int cuMemPoolTrimTo(Handle handle, size_t) {
    SIM_CALL(cuMemPoolTrimTo);
    return pools().find(handle) != nullptr ? cu::Success : cu::InvalidValue;
}
