// What the environment says about the machine that is played.
#pragma once
#include <cstddef>

namespace codat_sim {

struct Settings {
    int driver_version = 12040;           // CODAT_SIM_DRIVER_VERSION
    int devices = 1;                      // CODAT_SIM_DEVICES
    int compute_major = 9, compute_minor = 0;   // CODAT_SIM_COMPUTE, "9.0"
    int multiprocessors = 8;              // CODAT_SIM_SMS
    size_t memory = size_t{2} << 30;      // CODAT_SIM_MEMORY, bytes per device
    bool lazy = false;                    // CODAT_SIM_LAZY=1: work waits until somebody waits for it
    int cudnn_version = 90701;            // CODAT_SIM_CUDNN_VERSION
    int cudnn_cudart = 12040;             // CODAT_SIM_CUDNN_CUDART
    int nvrtc_newest = 120;               // CODAT_SIM_NVRTC_NEWEST: the newest architecture it compiles for
    const char* order = nullptr;          // CODAT_SIM_ORDER: forward, reverse or shuffled turns of threads
    unsigned kernel_timeout_ms = 60000;   // CODAT_SIM_TIMEOUT_MS
};

/// Read once, when the first call comes.
const Settings& settings();

}
