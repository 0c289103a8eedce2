#include <cstring>

#include "cublaslt.h"

namespace codat_sim {

Registry<LtHandle>& lt_handles() {
    static auto* registry = new Registry<LtHandle>("cublaslt_handles");
    return *registry;
}

Registry<LtOperation>& lt_operations() {
    static auto* registry = new Registry<LtOperation>("cublaslt_operations");
    return *registry;
}

Registry<LtLayout>& lt_layouts() {
    static auto* registry = new Registry<LtLayout>("cublaslt_layouts");
    return *registry;
}

Registry<LtPreference>& lt_preferences() {
    static auto* registry = new Registry<LtPreference>("cublaslt_preferences");
    return *registry;
}

}

using namespace codat_sim;

namespace {

int bad(const RegistryBase& registry, bool was_live) {
    if (was_live) add_problem(std::string("use after its release of one of ") + registry.kind());
    return blas::InvalidValue;
}

/// Copies an attribute whose size must be right.
template <class T> int take(T* field, const void* buffer, size_t bytes) {
    if (bytes != sizeof(T)) return blas::InvalidValue;
    memcpy(field, buffer, sizeof(T));
    return blas::Success;
}

template <class T> int destroy(Registry<T>& registry, Handle handle) {
    return registry.take(handle) != nullptr ? int(blas::Success) : bad(registry, registry.was_live(handle));
}

}

SIM_EXPORT int cublasLtCreate(Handle* handle) {
    SIM_CALL(cublasLtCreate);
    if (handle == nullptr) return blas::InvalidValue;
    std::shared_ptr<Context> context;
    if (current_context(&context) != 0) return blas::NotInitialized;
    *handle = lt_handles().add(std::make_shared<LtHandle>());
    return blas::Success;
}

SIM_EXPORT int cublasLtDestroy(Handle handle) {
    SIM_RELEASE(cublasLtDestroy);
    if (int status = destroy(lt_handles(), handle)) return status;
    return SIM_RELEASED(blas::Success);
}

SIM_EXPORT size_t cublasLtGetVersion() {
    SIM_COUNT(cublasLtGetVersion);
    return blas::Version;
}

SIM_EXPORT size_t cublasLtGetCudartVersion() {
    SIM_COUNT(cublasLtGetCudartVersion);
    return 12040;
}

SIM_EXPORT const char* cublasLtGetStatusString(int status) {
    SIM_COUNT(cublasLtGetStatusString);
    return blas::status_name(status);
}

SIM_EXPORT int cublasLtMatmulDescCreate(Handle* handle, int compute, int scale_type) {
    SIM_CALL(cublasLtMatmulDescCreate);
    bool known = blas::is_single(compute) ? scale_type == 0 : compute == blas::Compute64 && scale_type == 1;
    if (handle == nullptr || !known) return blas::InvalidValue;
    LtOperation operation = {};
    operation.compute = compute;
    operation.scale_type = scale_type;
    *handle = lt_operations().add(std::make_shared<LtOperation>(operation));
    return blas::Success;
}

SIM_EXPORT int cublasLtMatmulDescDestroy(Handle handle) {
    SIM_RELEASE(cublasLtMatmulDescDestroy);
    if (int status = destroy(lt_operations(), handle)) return status;
    return SIM_RELEASED(blas::Success);
}

SIM_EXPORT int cublasLtMatmulDescSetAttribute(Handle handle, int attribute, const void* buffer, size_t bytes) {
    SIM_CALL(cublasLtMatmulDescSetAttribute);
    auto operation = lt_operations().find(handle);
    if (operation == nullptr) return bad(lt_operations(), lt_operations().was_live(handle));
    if (buffer == nullptr) return blas::InvalidValue;
    switch (attribute) {
        case 0: return take(&operation->compute, buffer, bytes);
        case 1: return take(&operation->scale_type, buffer, bytes);
        case 2: return take(&operation->pointer_mode, buffer, bytes);
        case 3: return take(&operation->transpose_a, buffer, bytes);
        case 4: return take(&operation->transpose_b, buffer, bytes);
        case 7: return take(&operation->epilogue, buffer, bytes);
        case 8: return take(&operation->bias, buffer, bytes);
        case 11: return take(&operation->aux, buffer, bytes);
        case 12: return take(&operation->aux_leading, buffer, bytes);
        case 15: return take(&operation->sm_count, buffer, bytes);
        case 26: return take(&operation->bias_type, buffer, bytes);
        default: return blas::InvalidValue;
    }
}

SIM_EXPORT int cublasLtMatrixLayoutCreate(Handle* handle, unsigned type, unsigned long long rows,
                                          unsigned long long columns, long long leading) {
    SIM_CALL(cublasLtMatrixLayoutCreate);
    if (handle == nullptr) return blas::InvalidValue;
    LtLayout layout = {};
    layout.type = type;
    layout.batch = 1;
    layout.rows = rows;
    layout.columns = columns;
    layout.leading = leading;
    *handle = lt_layouts().add(std::make_shared<LtLayout>(layout));
    return blas::Success;
}

SIM_EXPORT int cublasLtMatrixLayoutDestroy(Handle handle) {
    SIM_RELEASE(cublasLtMatrixLayoutDestroy);
    if (int status = destroy(lt_layouts(), handle)) return status;
    return SIM_RELEASED(blas::Success);
}

SIM_EXPORT int cublasLtMatrixLayoutSetAttribute(Handle handle, int attribute, const void* buffer, size_t bytes) {
    SIM_CALL(cublasLtMatrixLayoutSetAttribute);
    auto layout = lt_layouts().find(handle);
    if (layout == nullptr) return bad(lt_layouts(), lt_layouts().was_live(handle));
    if (buffer == nullptr) return blas::InvalidValue;
    switch (attribute) {
        case 0: return take(&layout->type, buffer, bytes);
        case 1: return take(&layout->order, buffer, bytes);
        case 2: return take(&layout->rows, buffer, bytes);
        case 3: return take(&layout->columns, buffer, bytes);
        case 4: return take(&layout->leading, buffer, bytes);
        case 5: return take(&layout->batch, buffer, bytes);
        case 6: return take(&layout->batch_offset, buffer, bytes);
        default: return blas::InvalidValue;
    }
}

SIM_EXPORT int cublasLtMatmulPreferenceCreate(Handle* handle) {
    SIM_CALL(cublasLtMatmulPreferenceCreate);
    if (handle == nullptr) return blas::InvalidValue;
    *handle = lt_preferences().add(std::make_shared<LtPreference>());
    return blas::Success;
}

SIM_EXPORT int cublasLtMatmulPreferenceDestroy(Handle handle) {
    SIM_RELEASE(cublasLtMatmulPreferenceDestroy);
    if (int status = destroy(lt_preferences(), handle)) return status;
    return SIM_RELEASED(blas::Success);
}

SIM_EXPORT int cublasLtMatmulPreferenceSetAttribute(Handle handle, int attribute, const void* buffer, size_t bytes) {
    SIM_CALL(cublasLtMatmulPreferenceSetAttribute);
    auto preference = lt_preferences().find(handle);
    if (preference == nullptr) return bad(lt_preferences(), lt_preferences().was_live(handle));
    if (buffer == nullptr) return blas::InvalidValue;
    switch (attribute) {
        case 0: return take(&preference->search_mode, buffer, bytes);
        case 1: return take(&preference->max_workspace, buffer, bytes);
        case 3: return take(&preference->reduction_mask, buffer, bytes);
        case 5: case 6: case 7: case 8: return take(&preference->alignment[attribute - 5], buffer, bytes);
        default: return blas::InvalidValue;
    }
}
