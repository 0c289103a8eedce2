#include "settings.h"

#include <cstdio>
#include <cstdlib>

namespace codat_sim {

namespace {

long long number(const char* name, long long otherwise) {
    const char* text = getenv(name);
    if (text == nullptr || *text == 0) return otherwise;
    char* end;
    long long value = strtoll(text, &end, 10);
    return *end == 0 ? value : otherwise;
}

Settings read() {
    Settings s;
    s.driver_version = static_cast<int>(number("CODAT_SIM_DRIVER_VERSION", s.driver_version));
    s.devices = static_cast<int>(number("CODAT_SIM_DEVICES", s.devices));
    if (const char* compute = getenv("CODAT_SIM_COMPUTE")) sscanf(compute, "%d.%d", &s.compute_major, &s.compute_minor);
    s.multiprocessors = static_cast<int>(number("CODAT_SIM_SMS", s.multiprocessors));
    s.memory = static_cast<size_t>(number("CODAT_SIM_MEMORY", static_cast<long long>(s.memory)));
    s.lazy = number("CODAT_SIM_LAZY", 0) != 0;
    s.cudnn_version = static_cast<int>(number("CODAT_SIM_CUDNN_VERSION", s.cudnn_version));
    s.cudnn_cudart = static_cast<int>(number("CODAT_SIM_CUDNN_CUDART", s.cudnn_cudart));
    s.nvrtc_newest = static_cast<int>(number("CODAT_SIM_NVRTC_NEWEST", s.nvrtc_newest));
    s.order = getenv("CODAT_SIM_ORDER");
    s.kernel_timeout_ms = static_cast<unsigned>(number("CODAT_SIM_TIMEOUT_MS", s.kernel_timeout_ms));
    return s;
}

}

const Settings& settings() {
    static const Settings s = read();
    return s;
}

}
