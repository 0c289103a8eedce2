// Ranges for profilers: counted and matched, nothing more.
#include "call.h"
#include "report.h"

namespace {

thread_local int t_depth;

}

SIM_EXPORT int nvtxRangePushA(const char*) {
    SIM_COUNT(nvtxRangePushA);
    return t_depth++;
}

SIM_EXPORT int nvtxRangePop() {
    SIM_COUNT(nvtxRangePop);
    if (t_depth > 0) return --t_depth;
    codat_sim::add_problem("a range ends that was not begun");
    return -1;
}
