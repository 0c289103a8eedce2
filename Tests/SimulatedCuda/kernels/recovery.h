// Turns the crash of a kernel, and a kernel without end, into a status.
#pragma once

namespace codat_sim {

struct Fault {
    int status = 0;
    const char* what = "";
    const void* address = nullptr;
};

/// Calls `body`; true if it returned. After a memory fault, an illegal instruction, a division by zero or the time
/// limit it is abandoned where it stood and `fault` says why. One guarded call at a time in the process.
bool run_guarded(void (*body)(void*), void* argument, unsigned timeout_ms, Fault* fault);

}
