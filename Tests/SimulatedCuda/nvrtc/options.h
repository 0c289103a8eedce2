#pragma once
#include <string>
#include <vector>

#include "../kernels/kernel_compiler.h"

namespace codat_sim {

struct NvrtcOptions {
    bool is_real_architecture = false;    // sm_ and not compute_
    std::string error;                    // the log's line for an option that is not taken
};

/// Reads options as NVRTC does and fills the request. False if one of them is unknown.
bool read_options(const std::vector<std::string>& options, CompileRequest* request, NvrtcOptions* result);

const std::vector<int>& supported_architectures();

}
