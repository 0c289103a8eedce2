// Copies and fills. Ranges are checked when the work is enqueued and again when it runs: the memory may have gone.
#include <cstring>

#include "../core/memory.h"
#include "objects.h"

using namespace codat_sim;

namespace {

bool is_device(uintptr_t address) { return device_memory().owns(address); }

int check(uintptr_t address, size_t bytes, const char* role) {
    return device_memory().check(address, bytes, role) ? cu::Success : cu::InvalidValue;
}

void* pointer(uintptr_t address) { return reinterpret_cast<void*>(address); }

int to_device(const std::shared_ptr<Stream>& stream, uintptr_t target, const void* source, size_t bytes) {
    if (source == nullptr && bytes > 0) return cu::InvalidValue;
    if (int status = check(target, bytes, "target of a copy")) return status;
    if (is_device(reinterpret_cast<uintptr_t>(source))) {
        add_problem("the host's side of a copy is device memory");
        return cu::InvalidValue;
    }
    bool pinned = pinned_memory().contains(source, bytes);
    if (!pinned && stream->capture != nullptr) add_problem("a copy from memory that is not pinned was captured");
    // Content of ordinary memory is taken at once; pinned memory is read when the copy runs.
    auto staged = std::make_shared<std::vector<unsigned char>>();
    if (!pinned && stream->capture == nullptr) {
        auto* begin = static_cast<const unsigned char*>(source);
        staged->assign(begin, begin + bytes);
    }
    return enqueue(stream, NodeKind::Copy, "copy to the device", [target, source, bytes, staged] {
        if (!device_memory().check(target, bytes, "target of a copy")) return int(cu::IllegalAddress);
        memcpy(pointer(target), staged->empty() ? source : staged->data(), bytes);
        return 0;
    });
}

int to_host(const std::shared_ptr<Stream>& stream, void* target, uintptr_t source, size_t bytes) {
    if (target == nullptr && bytes > 0) return cu::InvalidValue;
    if (int status = check(source, bytes, "source of a copy")) return status;
    if (is_device(reinterpret_cast<uintptr_t>(target))) {
        add_problem("the host's side of a copy is device memory");
        return cu::InvalidValue;
    }
    bool pinned = pinned_memory().contains(target, bytes);
    if (!pinned && stream->capture != nullptr) add_problem("a copy to memory that is not pinned was captured");
    int status = enqueue(stream, NodeKind::Copy, "copy to the host", [target, source, bytes] {
        if (!device_memory().check(source, bytes, "source of a copy")) return int(cu::IllegalAddress);
        check_initialised(pointer(source), bytes, "copy to the host");
        memcpy(target, pointer(source), bytes);
        return 0;
    });
    // A copy to ordinary memory has arrived when the call returns.
    if (status == 0 && !pinned && stream->capture == nullptr) drain(*stream);
    return status != 0 ? status : stream->context->sticky;
}

int within_device(const std::shared_ptr<Stream>& stream, uintptr_t target, uintptr_t source, size_t bytes) {
    if (int status = check(target, bytes, "target of a copy")) return status;
    if (int status = check(source, bytes, "source of a copy")) return status;
    bool overlap = bytes > 0 && target != source && target < source + bytes && source < target + bytes;
    if (overlap) add_problem("source and target of a copy overlap");
    return enqueue(stream, NodeKind::Copy, "copy within the device", [target, source, bytes] {
        if (!device_memory().check(target, bytes, "target of a copy")) return int(cu::IllegalAddress);
        if (!device_memory().check(source, bytes, "source of a copy")) return int(cu::IllegalAddress);
        memmove(pointer(target), pointer(source), bytes);
        return 0;
    });
}

template <class T> int fill(Handle handle, uintptr_t target, T value, size_t count) {
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (target % sizeof(T) != 0) return cu::InvalidValue;
    if (int status = check(target, count * sizeof(T), "target of a fill")) return status;
    return enqueue(stream, NodeKind::Set, "fill", [target, value, count] {
        if (!device_memory().check(target, count * sizeof(T), "target of a fill")) return int(cu::IllegalAddress);
        for (size_t i = 0; i < count; i++) static_cast<T*>(pointer(target))[i] = value;
        return 0;
    });
}

}

SIM_EXPORT int cuMemcpyHtoDAsync_v2(uintptr_t target, const void* source, size_t bytes, Handle handle) {
    SIM_CALL(cuMemcpyHtoDAsync_v2);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    return to_device(stream, target, source, bytes);
}

SIM_EXPORT int cuMemcpyDtoHAsync_v2(void* target, uintptr_t source, size_t bytes, Handle handle) {
    SIM_CALL(cuMemcpyDtoHAsync_v2);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    return to_host(stream, target, source, bytes);
}

SIM_EXPORT int cuMemcpyDtoDAsync_v2(uintptr_t target, uintptr_t source, size_t bytes, Handle handle) {
    SIM_CALL(cuMemcpyDtoDAsync_v2);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    return within_device(stream, target, source, bytes);
}

SIM_EXPORT int cuMemcpyAsync(uintptr_t target, uintptr_t source, size_t bytes, Handle handle) {
    SIM_CALL(cuMemcpyAsync);
    std::shared_ptr<Stream> stream;
    if (int status = find_stream(handle, &stream)) return status;
    if (is_device(target)) {
        if (is_device(source)) return within_device(stream, target, source, bytes);
        return to_device(stream, target, pointer(source), bytes);
    }
    return is_device(source) ? to_host(stream, pointer(target), source, bytes) : int(cu::InvalidValue);
}

SIM_EXPORT int cuMemsetD8Async(uintptr_t target, unsigned char value, size_t count, Handle stream) {
    SIM_CALL(cuMemsetD8Async);
    return fill(stream, target, value, count);
}

SIM_EXPORT int cuMemsetD16Async(uintptr_t target, unsigned short value, size_t count, Handle stream) {
    SIM_CALL(cuMemsetD16Async);
    return fill(stream, target, value, count);
}

SIM_EXPORT int cuMemsetD32Async(uintptr_t target, unsigned value, size_t count, Handle stream) {
    SIM_CALL(cuMemsetD32Async);
    return fill(stream, target, value, count);
}
