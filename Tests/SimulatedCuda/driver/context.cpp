#include <algorithm>
#include <map>

#include "../core/memory.h"
#include "../core/settings.h"
#include "objects.h"

namespace codat_sim {

namespace {

struct Primary {
    std::shared_ptr<Context> context;
    int retained = 0;
    unsigned flags = 0;
};

std::map<int, Primary>& primaries() {
    static auto* all = new std::map<int, Primary>();
    return *all;
}

bool s_initialised;
unsigned long long s_ids;
thread_local std::vector<Handle> t_stack;

std::shared_ptr<Context> make_context(int device, bool primary, unsigned flags) {
    auto context = std::make_shared<Context>();
    context->device = device;
    context->primary = primary;
    context->flags = flags;
    context->id = ++s_ids;
    context->legacy = std::make_shared<Stream>();
    context->legacy->context = context;
    context->legacy->flags = 0;
    context->legacy->id = 0;
    context->handle = contexts().add(context);
    return context;
}

/// The end of a context takes everything in it along; whatever is left is a leak of its owner.
void destroy_context(const std::shared_ptr<Context>& context) {
    drain_context(*context);
    std::vector<uintptr_t> left;
    for (const auto& [address, allocation] : device_memory().live())
        if (allocation.context == context->handle && allocation.page_bytes != 0) left.push_back(address);
    if (!left.empty())
        add_problem("a context ends with " + std::to_string(left.size()) + " live allocations, the first of "
            + std::to_string(device_memory().find(left[0])->bytes) + " bytes made by "
            + device_memory().find(left[0])->made_by);
    for (uintptr_t address : left) device_memory().release(address);
    contexts().take(context->handle);
    context->legacy->context.reset();
}

}

Registry<Context>& contexts() {
    static auto* registry = new Registry<Context>("contexts");
    return *registry;
}

bool initialised() { return s_initialised; }

int current_context(std::shared_ptr<Context>* context) {
    if (!s_initialised) return cu::NotInitialized;
    if (t_stack.empty()) return cu::InvalidContext;
    *context = contexts().find(t_stack.back());
    if (*context == nullptr) return cu::ContextIsDestroyed;
    return (*context)->sticky;
}

int releasing_context(std::shared_ptr<Context>* context, int* sticky) {
    int status = current_context(context);
    if (*context == nullptr) return status;
    *sticky = status;
    return cu::Success;
}

void poison_current_context(int status) {
    if (t_stack.empty()) return;
    if (auto context = contexts().find(t_stack.back()); context && context->sticky == 0) context->sticky = status;
}

void fail_context(Context& context, int status, const std::string& what) {
    add_problem("status " + std::to_string(status) + ": " + what);
    if (context.sticky == 0) context.sticky = status;
}

int bad_handle(const RegistryBase& registry, bool was_live) {
    if (was_live) add_problem(std::string("use of a handle after its release, one of ") + registry.kind());
    return cu::InvalidHandle;
}

/// Tests start afresh: lasting errors go away as if the process had started again.
void heal_contexts() {
    for (const auto& [handle, context] : contexts().live()) context->sticky = 0;
}

}

using namespace codat_sim;

SIM_EXPORT int cuInit(unsigned flags) {
    SIM_CALL(cuInit);
    if (flags != 0) return cu::InvalidValue;
    if (settings().devices == 0) return cu::NoDevice;
    s_initialised = true;
    return cu::Success;
}

SIM_EXPORT int cuDevicePrimaryCtxRetain(Handle* context, int device) {
    SIM_CALL(cuDevicePrimaryCtxRetain);
    if (!initialised()) return cu::NotInitialized;
    if (device < 0 || device >= settings().devices) return cu::InvalidDevice;
    if (context == nullptr) return cu::InvalidValue;
    Primary& primary = primaries()[device];
    if (primary.retained++ == 0) primary.context = make_context(device, true, primary.flags);
    *context = primary.context->handle;
    return cu::Success;
}

SIM_EXPORT int cuDevicePrimaryCtxRelease_v2(int device) {
    SIM_RELEASE(cuDevicePrimaryCtxRelease_v2);
    if (!initialised()) return cu::NotInitialized;
    if (device < 0 || device >= settings().devices) return cu::InvalidDevice;
    Primary& primary = primaries()[device];
    if (primary.retained == 0) {
        add_problem("the primary context was released more often than retained");
        return cu::InvalidContext;
    }
    if (--primary.retained == 0) {
        destroy_context(primary.context);
        primary.context.reset();
    }
    return SIM_RELEASED(cu::Success);
}

SIM_EXPORT int cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
    SIM_CALL(cuDevicePrimaryCtxGetState);
    if (!initialised()) return cu::NotInitialized;
    if (device < 0 || device >= settings().devices) return cu::InvalidDevice;
    if (flags == nullptr || active == nullptr) return cu::InvalidValue;
    *flags = primaries()[device].flags;
    *active = primaries()[device].retained > 0;
    return cu::Success;
}

SIM_EXPORT int cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) {
    SIM_CALL(cuDevicePrimaryCtxSetFlags_v2);
    if (!initialised()) return cu::NotInitialized;
    if (device < 0 || device >= settings().devices) return cu::InvalidDevice;
    primaries()[device].flags = flags;
    return cu::Success;
}

SIM_EXPORT int cuCtxCreate_v2(Handle* context, unsigned flags, int device) {
    SIM_CALL(cuCtxCreate_v2);
    if (!initialised()) return cu::NotInitialized;
    if (device < 0 || device >= settings().devices) return cu::InvalidDevice;
    if (context == nullptr) return cu::InvalidValue;
    *context = make_context(device, false, flags)->handle;
    t_stack.push_back(*context);
    return cu::Success;
}

SIM_EXPORT int cuCtxDestroy_v2(Handle handle) {
    SIM_RELEASE(cuCtxDestroy_v2);
    auto context = contexts().find(handle);
    if (context == nullptr || context->primary) return cu::InvalidContext;
    destroy_context(context);
    if (!t_stack.empty() && t_stack.back() == handle) t_stack.pop_back();
    return SIM_RELEASED(cu::Success);
}

SIM_EXPORT int cuCtxGetCurrent(Handle* context) {
    SIM_CALL(cuCtxGetCurrent);
    if (!initialised()) return cu::NotInitialized;
    if (context == nullptr) return cu::InvalidValue;
    *context = t_stack.empty() ? 0 : t_stack.back();
    return cu::Success;
}

SIM_EXPORT int cuCtxSetCurrent(Handle context) {
    SIM_CALL(cuCtxSetCurrent);
    if (!initialised()) return cu::NotInitialized;
    if (context != 0 && contexts().find(context) == nullptr) return cu::InvalidContext;
    if (!t_stack.empty()) t_stack.pop_back();
    if (context != 0) t_stack.push_back(context);
    return cu::Success;
}

SIM_EXPORT int cuCtxPushCurrent_v2(Handle context) {
    SIM_CALL(cuCtxPushCurrent_v2);
    if (!initialised()) return cu::NotInitialized;
    if (contexts().find(context) == nullptr)
        return contexts().was_live(context) ? cu::ContextIsDestroyed : cu::InvalidContext;
    t_stack.push_back(context);
    return cu::Success;
}

SIM_EXPORT int cuCtxPopCurrent_v2(Handle* context) {
    SIM_RELEASE(cuCtxPopCurrent_v2);
    if (!initialised()) return cu::NotInitialized;
    if (t_stack.empty()) return cu::InvalidContext;
    if (context != nullptr) *context = t_stack.back();
    t_stack.pop_back();
    return SIM_RELEASED(cu::Success);
}

SIM_EXPORT int cuCtxGetDevice(int* device) {
    SIM_CALL(cuCtxGetDevice);
    SIM_CONTEXT(context);
    if (device == nullptr) return cu::InvalidValue;
    *device = context->device;
    return cu::Success;
}

SIM_EXPORT int cuCtxGetId(Handle handle, unsigned long long* id) {
    SIM_CALL(cuCtxGetId);
    if (!initialised()) return cu::NotInitialized;
    auto context = contexts().find(handle != 0 ? handle : t_stack.empty() ? 0 : t_stack.back());
    if (context == nullptr) return cu::InvalidContext;
    if (id == nullptr) return cu::InvalidValue;
    *id = context->id;
    return cu::Success;
}

SIM_EXPORT int cuCtxGetStreamPriorityRange(int* least, int* greatest) {
    SIM_CALL(cuCtxGetStreamPriorityRange);
    SIM_CONTEXT(context);
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = -5;
    return cu::Success;
}
