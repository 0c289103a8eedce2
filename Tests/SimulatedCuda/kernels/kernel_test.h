// For tests of single kernels in plain C++: compile a .cu file, load it and launch its kernels on host memory.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "engine.h"
#include "kernel_compiler.h"
#include "kernel_module.h"

namespace codat_sim {

class KernelFile {
public:
    /// `definitions` are "NAME=VALUE"; headers are looked for in `include_folders`. Throws with the compiler's log.
    explicit KernelFile(const std::string& path, std::vector<std::string> definitions = {},
                        std::vector<std::string> include_folders = {}, bool fused_multiply_add = true);

    /// Runs one kernel to its end. Throws with the place if it fails.
    template <class... Arguments>
    void launch(const std::string& entry, Index3 grid, Index3 block, size_t dynamic_bytes, Arguments... arguments) {
        void* parameters[] = {&arguments..., nullptr};
        const unsigned long sizes[] = {sizeof(Arguments)..., 0};
        launch_with(entry, grid, block, dynamic_bytes, parameters, sizes, sizeof...(Arguments));
    }

    /// Other orders of turns, to show missing barriers.
    void set_order(ThreadOrder order) { _engine.order = order; }
    void set_time_limit_ms(unsigned limit) { _engine.timeout_ms = limit; }
    const KernelModule& module() const { return *_module; }

private:
    void launch_with(const std::string& entry, Index3 grid, Index3 block, size_t dynamic_bytes, void** parameters,
                     const unsigned long* sizes, int count);

    std::unique_ptr<KernelModule> _module;
    Engine _engine;
};

}
