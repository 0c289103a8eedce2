#include "module.h"

#include "../core/memory.h"
#include "../core/settings.h"
#include "kernel_image.h"

namespace codat_sim {

Registry<Module>& modules() {
    static auto* registry = new Registry<Module>("modules");
    return *registry;
}

Registry<Function>& functions() {
    // Functions live as long as their module, so they are not listed as leaks of their own.
    static auto* registry = new Registry<Function>("functions");
    return *registry;
}

}

using namespace codat_sim;

namespace {

int load(Handle* handle, const void* image) {
    SIM_CONTEXT(context);
    if (handle == nullptr || image == nullptr) return cu::InvalidValue;
    if (int status = refuse_while_capturing()) return status;
    std::string shared_object, error;
    int capability = settings().compute_major * 10 + settings().compute_minor;
    if (int status = unpack_image(image, capability, &shared_object)) return status;
    auto code = KernelModule::load(shared_object, &error);
    if (code == nullptr) {
        add_problem("a kernel image does not load: " + error);
        return cu::InvalidImage;
    }
    auto module = std::make_shared<Module>();
    module->context = context;
    module->code = std::move(code);
    *handle = modules().add(module);
    return cu::Success;
}

int find_module(Handle handle, std::shared_ptr<Module>* module) {
    std::shared_ptr<Context> context;
    if (int status = current_context(&context)) return status;
    *module = modules().find(handle);
    return *module != nullptr ? cu::Success : bad_handle(modules(), modules().was_live(handle));
}

}

SIM_EXPORT int cuModuleLoadData(Handle* module, const void* image) {
    SIM_CALL(cuModuleLoadData);
    return load(module, image);
}

SIM_EXPORT int cuModuleLoadDataEx(Handle* module, const void* image, unsigned count, const int* options,
                                  void** values) {
    SIM_CALL(cuModuleLoadDataEx);
    if (count > 0 && (options == nullptr || values == nullptr)) return cu::InvalidValue;
    constexpr int InfoLogBuffer = 3, InfoLogSize = 4, ErrorLogBuffer = 5, ErrorLogSize = 6;
    for (unsigned i = 0; i < count; i++) {
        // The logs come back empty: a buffer gets a terminating zero, a size the number of characters written.
        if ((options[i] == InfoLogBuffer || options[i] == ErrorLogBuffer) && values[i] != nullptr)
            *static_cast<char*>(values[i]) = 0;
        if (options[i] == InfoLogSize || options[i] == ErrorLogSize) values[i] = nullptr;
    }
    return load(module, image);
}

SIM_EXPORT int cuModuleUnload(Handle handle) {
    SIM_RELEASE(cuModuleUnload);
    SIM_RELEASING_CONTEXT(context);
    if (int status = refuse_while_capturing(true)) return status;
    auto module = modules().take(handle);
    if (module == nullptr) return bad_handle(modules(), modules().was_live(handle));
    drain_context(*context);
    for (const auto& [name, function] : module->functions) functions().take(function);
    for (const auto& [name, address] : module->variables) device_memory().remove_variable(address);
    module->unloaded = true;
    return SIM_RELEASED(sticky);
}

SIM_EXPORT int cuModuleGetFunction(Handle* handle, Handle module_handle, const char* name) {
    SIM_CALL(cuModuleGetFunction);
    std::shared_ptr<Module> module;
    if (int status = find_module(module_handle, &module)) return status;
    if (handle == nullptr || name == nullptr) return cu::InvalidValue;
    const KernelEntry* entry = module->code->find(name);
    if (entry == nullptr) return cu::NotFound;
    auto [known, fresh] = module->functions.try_emplace(name, 0);
    if (fresh) {
        auto function = std::make_shared<Function>();
        function->module = module;
        function->entry = entry;
        known->second = functions().add(function);
    }
    *handle = known->second;
    return cu::Success;
}

SIM_EXPORT int cuModuleGetGlobal_v2(uintptr_t* address, size_t* bytes, Handle module_handle, const char* name) {
    SIM_CALL(cuModuleGetGlobal_v2);
    std::shared_ptr<Module> module;
    if (int status = find_module(module_handle, &module)) return status;
    if (name == nullptr) return cu::InvalidValue;
    size_t found_bytes = 0;
    void* found = module->code->find_variable(name, &found_bytes);
    if (found == nullptr) return cu::NotFound;
    auto [known, fresh] = module->variables.try_emplace(name, reinterpret_cast<uintptr_t>(found));
    if (fresh) device_memory().add_variable(known->second, found_bytes, module->context->handle);
    if (address != nullptr) *address = known->second;
    if (bytes != nullptr) *bytes = found_bytes;
    return cu::Success;
}

SIM_EXPORT int cuModuleGetLoadingMode(int* mode) {
    SIM_CALL(cuModuleGetLoadingMode);
    if (!initialised()) return cu::NotInitialized;
    if (mode == nullptr) return cu::InvalidValue;
    *mode = 2;                            // lazy
    return cu::Success;
}

SIM_EXPORT int cuFuncLoad(Handle handle) {
    SIM_CALL(cuFuncLoad);
    SIM_CONTEXT(context);
    return functions().find(handle) != nullptr ? int(cu::Success)
                                               : bad_handle(functions(), functions().was_live(handle));
}
