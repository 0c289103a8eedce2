#pragma once
#include <map>

#include "../kernels/kernel_module.h"
#include "objects.h"

namespace codat_sim {

struct Module {
    std::shared_ptr<Context> context;
    std::unique_ptr<KernelModule> code;
    std::map<std::string, Handle> functions;
    std::map<std::string, uintptr_t> variables;       // those that were asked for
    bool unloaded = false;
};

struct Function {
    std::shared_ptr<Module> module;
    const KernelEntry* entry;
    int max_dynamic_shared = 48 * 1024;
    int carveout = -1;
};

Registry<Module>& modules();
Registry<Function>& functions();

}
