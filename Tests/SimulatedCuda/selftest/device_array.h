// Arrays on the simulated device, for self tests of the libraries.
#pragma once
#include <cstdlib>

#include "check.h"

struct Session {
    Handle context = 0, stream = 0;

    Session() {
        OK(cuInit(0));
        OK(cuDevicePrimaryCtxRetain(&context, 0));
        OK(cuCtxPushCurrent_v2(context));
        OK(cuStreamCreateWithPriority(&stream, 1, 0));
    }
    ~Session() {
        OK(cuStreamDestroy_v2(stream));
        Handle popped;
        OK(cuCtxPopCurrent_v2(&popped));
        OK(cuDevicePrimaryCtxRelease_v2(0));
        check_nothing_left();
    }
};

template <class T> struct DeviceArray {
    uintptr_t address = 0;
    size_t count;
    Handle stream;

    DeviceArray(const Session& session, size_t count) : count(count), stream(session.stream) {
        OK(cuMemAlloc_v2(&address, count * sizeof(T)));
    }
    DeviceArray(const Session& session, const std::vector<T>& values) : DeviceArray(session, values.size()) {
        OK(cuMemcpyHtoDAsync_v2(address, values.data(), count * sizeof(T), stream));
    }
    ~DeviceArray() { OK(cuMemFree_v2(address)); }
    DeviceArray(const DeviceArray&) = delete;
    std::vector<T> read() const {
        std::vector<T> values(count);
        OK(cuMemcpyDtoHAsync_v2(values.data(), address, count * sizeof(T), stream));
        return values;
    }
};

/// Small whole numbers: sums of them are exact, so results can be compared without a tolerance.
inline std::vector<float> numbers(size_t count, unsigned seed) {
    std::vector<float> values(count);
    for (float& value : values) {
        seed = seed * 1664525u + 1013904223u;
        value = static_cast<float>(static_cast<int>(seed >> 24) % 9 - 4);
    }
    return values;
}
