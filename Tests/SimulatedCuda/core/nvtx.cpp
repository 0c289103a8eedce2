// Ranges for profilers: counted, matched and remembered.
#include <cstring>

#include "call.h"
#include "report.h"

namespace {

constexpr size_t MaxLog = 1 << 20;

thread_local int t_depth;

std::string& range_log() {
    static auto* log = new std::string();
    return *log;
}

}

SIM_EXPORT int nvtxRangePushA(const char* name) {
    SIM_COUNT(nvtxRangePushA);
    if (range_log().size() < MaxLog) range_log() += std::string(t_depth, '\t') + name + '\n';
    return t_depth++;
}

SIM_EXPORT int nvtxRangePop() {
    SIM_COUNT(nvtxRangePop);
    if (t_depth > 0) return --t_depth;
    codat_sim::add_problem("a range ends that was not begun");
    return -1;
}

/// The ranges begun since the last call of this with a buffer, a line each, with a tab for every range around it;
/// returns the bytes needed.
SIM_EXPORT size_t codatSimRanges(char* buffer, size_t bytes) {
    std::lock_guard guard(codat_sim::simulation_lock());
    std::string& log = range_log();
    size_t needed = log.size() + 1;
    if (buffer != nullptr && bytes >= needed) {
        memcpy(buffer, log.c_str(), needed);
        log.clear();
    }
    return needed;
}
