#pragma once
#include "../driver/objects.h"
#include "blas_types.h"
#include "gemm.h"

namespace codat_sim {

struct CublasHandle {
    std::shared_ptr<Context> context;
    Handle stream = 0;
    uintptr_t workspace = 0;
    size_t workspace_bytes = 0;
    bool own_workspace = true;            // the library's own pool
    int math_mode = 0;
    bool device_scalars = false, atomics = false;
};

Registry<CublasHandle>& cublas_handles();

}
