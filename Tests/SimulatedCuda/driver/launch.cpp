#include <algorithm>
#include <cstring>

#include "../core/memory.h"
#include "../core/settings.h"
#include "../kernels/engine.h"
#include "module.h"

using namespace codat_sim;

namespace {

enum FunctionAttribute {
    MaxThreads = 0, StaticShared = 1, ConstBytes = 2, LocalBytes = 3, Registers = 4, PtxVersion = 5, BinaryVersion = 6,
    CacheMode = 7, MaxDynamicShared = 8, Carveout = 9
};

constexpr int SharedOptIn = 227 * 1024, ThreadsPerMultiprocessor = 2048, SharedPerMultiprocessor = 228 * 1024;

Engine& engine() {
    static Engine* instance = [] {
        auto* made = new Engine();
        std::string order = settings().order != nullptr ? settings().order : "forward";
        made->order = order == "reverse" ? ThreadOrder::Reverse
            : order == "shuffled" ? ThreadOrder::Shuffled : ThreadOrder::Forward;
        made->timeout_ms = settings().kernel_timeout_ms;
        return made;
    }();
    return *instance;
}

int find_function(Handle handle, std::shared_ptr<Function>* function) {
    std::shared_ptr<Context> context;
    if (int status = current_context(&context)) return status;
    *function = functions().find(handle);
    return *function != nullptr ? cu::Success : bad_handle(functions(), functions().was_live(handle));
}

/// The parameters of one launch, copied as the launch does.
struct Arguments {
    std::vector<std::vector<unsigned char>> bytes;
    std::vector<void*> pointers;

    Arguments(const KernelEntry& entry, void** parameters) {
        for (int i = 0; i < entry.parameter_count; i++) {
            auto* begin = static_cast<unsigned char*>(parameters[i]);
            bytes.emplace_back(begin, begin + entry.parameter_sizes[i]);
        }
        for (auto& parameter : bytes) pointers.push_back(parameter.data());
        pointers.push_back(nullptr);
    }

    /// Words that look like device addresses must point into live memory, or just behind it.
    int check(const char* kernel) const {
        int status = 0;
        for (const auto& parameter : bytes)
            for (size_t at = 0; at + 8 <= parameter.size(); at += 8) {
                uintptr_t word;
                memcpy(&word, parameter.data() + at, 8);
                if (!device_memory().owns(word)) continue;
                if (device_memory().find(word) != nullptr || device_memory().find(word - 1) != nullptr) continue;
                std::string role = std::string("argument of ") + kernel + " at offset " + std::to_string(at);
                device_memory().check(word, 1, role.c_str());
                status = cu::IllegalAddress;
            }
        return status;
    }
};

bool fits(const Index3& grid, const Index3& block, unsigned dynamic_bytes, const Function& function) {
    constexpr unsigned Limit = 0x7FFFFFFF;
    unsigned long long threads = 1ull * block.x * block.y * block.z;
    unsigned most = function.entry->max_threads != 0 ? unsigned(function.entry->max_threads) : Engine::MaxThreads;
    return threads > 0 && threads <= most && block.z <= 64 && grid.x > 0 && grid.y > 0 && grid.z > 0 && grid.x <= Limit
        && grid.y <= 65535 && grid.z <= 65535 && dynamic_bytes <= unsigned(function.max_dynamic_shared);
}

int launch(Handle function_handle, Index3 grid, Index3 block, unsigned dynamic_bytes, Handle stream_handle,
           void** parameters, void** extra) {
    std::shared_ptr<Function> function;
    std::shared_ptr<Stream> stream;
    if (int status = find_function(function_handle, &function)) return status;
    if (int status = find_stream(stream_handle, &stream)) return status;
    if (function->module->context != stream->context) return cu::InvalidContext;
    if (extra != nullptr) return cu::NotSupported;
    if (!fits(grid, block, dynamic_bytes, *function)) return cu::InvalidValue;
    const KernelEntry& entry = *function->entry;
    if (entry.parameter_count > 0 && parameters == nullptr) return cu::InvalidValue;
    for (int i = 0; i < entry.parameter_count; i++)
        if (parameters[i] == nullptr) return cu::InvalidValue;

    auto arguments = std::make_shared<Arguments>(entry, parameters);
    std::string name = entry.name;
    return enqueue(stream, NodeKind::Kernel, name, [function, grid, block, dynamic_bytes, arguments, name] {
        if (function->module->unloaded) add_problem("the kernel " + name + " runs after its module was unloaded");
        if (int status = arguments->check(name.c_str())) return status;
        LaunchOutcome outcome = engine().run(function->module->code->image(), *function->entry, grid, block,
                                             dynamic_bytes, arguments->pointers.data());
        if (outcome.status != 0) add_problem(outcome.message);
        device_memory().check_edges("kernel " + name);
        return outcome.status;
    });
}

}

SIM_EXPORT int cuLaunchKernel(Handle function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                              unsigned block_y, unsigned block_z, unsigned dynamic_bytes, Handle stream,
                              void** parameters, void** extra) {
    SIM_CALL(cuLaunchKernel);
    return launch(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, dynamic_bytes, stream, parameters,
                  extra);
}

SIM_EXPORT int cuLaunchCooperativeKernel(Handle function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                         unsigned block_x, unsigned block_y, unsigned block_z, unsigned dynamic_bytes,
                                         Handle stream, void** parameters) {
    SIM_CALL(cuLaunchCooperativeKernel);
    return launch(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, dynamic_bytes, stream, parameters,
                  nullptr);
}

SIM_EXPORT int cuFuncGetAttribute(int* value, int which, Handle handle) {
    SIM_CALL(cuFuncGetAttribute);
    std::shared_ptr<Function> function;
    if (int status = find_function(handle, &function)) return status;
    if (value == nullptr) return cu::InvalidValue;
    const KernelImage& image = function->module->code->image();
    int capability = settings().compute_major * 10 + settings().compute_minor;
    switch (which) {
        case MaxThreads: *value = function->entry->max_threads != 0 ? function->entry->max_threads : 1024; break;
        case StaticShared: *value = std::min(int(image.shared_end - image.shared_begin), 48 * 1024); break;
        case ConstBytes: case LocalBytes: case CacheMode: *value = 0; break;
        case Registers: *value = 32; break;
        case PtxVersion: case BinaryVersion: *value = capability; break;
        case MaxDynamicShared: *value = function->max_dynamic_shared; break;
        case Carveout: *value = function->carveout; break;
        default: return cu::InvalidValue;
    }
    return cu::Success;
}

SIM_EXPORT int cuFuncSetAttribute(Handle handle, int which, int value) {
    SIM_CALL(cuFuncSetAttribute);
    std::shared_ptr<Function> function;
    if (int status = find_function(handle, &function)) return status;
    if (which == MaxDynamicShared) {
        if (value < 0 || value > SharedOptIn) return cu::InvalidValue;
        function->max_dynamic_shared = value;
        return cu::Success;
    }
    if (which != Carveout || value < -1 || value > 100) return cu::InvalidValue;
    function->carveout = value;
    return cu::Success;
}

SIM_EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Handle handle, int block_size, size_t dynamic) {
    SIM_CALL(cuOccupancyMaxActiveBlocksPerMultiprocessor);
    std::shared_ptr<Function> function;
    if (int status = find_function(handle, &function)) return status;
    if (blocks == nullptr || block_size <= 0) return cu::InvalidValue;
    int by_threads = block_size > 1024 ? 0 : ThreadsPerMultiprocessor / ((block_size + 31) / 32 * 32);
    int by_shared = dynamic == 0 ? 32 : int(SharedPerMultiprocessor / (dynamic + 1024));
    *blocks = std::min({by_threads, by_shared, 32});
    return cu::Success;
}

SIM_EXPORT int cuOccupancyMaxPotentialBlockSize(int* min_grid, int* block_size, Handle handle,
                                                size_t (*dynamic_for)(int), size_t dynamic, int limit) {
    SIM_CALL(cuOccupancyMaxPotentialBlockSize);
    std::shared_ptr<Function> function;
    if (int status = find_function(handle, &function)) return status;
    if (min_grid == nullptr || block_size == nullptr) return cu::InvalidValue;
    int most = function->entry->max_threads != 0 ? function->entry->max_threads : 1024;
    *block_size = limit > 0 ? std::min(limit, most) : most;
    size_t bytes = dynamic_for != nullptr ? dynamic_for(*block_size) : dynamic;
    int by_shared = bytes == 0 ? 32 : int(SharedPerMultiprocessor / (bytes + 1024));
    *min_grid = settings().multiprocessors * std::max(1, std::min(ThreadsPerMultiprocessor / *block_size, by_shared));
    return cu::Success;
}
