// Functions of the simulation itself, for tests: faults, counts, what is alive and what was done wrong.
#include <algorithm>
#include <cstring>
#include <map>

#include "../driver/objects.h"
#include "call.h"
#include "memory.h"
#include "registry.h"
#include "report.h"

using namespace codat_sim;

namespace {

// Kinds that live as long as something else does, or for good.
bool is_owned(const char* kind) { return strcmp(kind, "functions") == 0 || strcmp(kind, "default_pools") == 0; }

long long live(const std::string& kind) {
    if (kind == "allocations") return static_cast<long long>(device_memory().count());
    if (kind == "pinned") return static_cast<long long>(pinned_memory().count(false));
    if (kind == "registered") return static_cast<long long>(pinned_memory().count(true));
    for (const RegistryBase* registry : RegistryBase::all())
        if (kind == registry->kind()) return static_cast<long long>(registry->count());
    return 0;
}

std::vector<std::string> kinds() {
    std::vector<std::string> all = {"allocations", "pinned", "registered"};
    for (const RegistryBase* registry : RegistryBase::all())
        if (!is_owned(registry->kind())) all.push_back(registry->kind());
    return all;
}

/// What was alive at the last reset: it belongs to somebody else, a session that many tests share.
std::map<std::string, long long>& alive_before() {
    static auto* counts = new std::map<std::string, long long>();
    return *counts;
}

std::string live_things() {
    std::string text;
    for (const std::string& kind : kinds()) {
        long long count = live(kind) - alive_before()[kind];
        if (count > 0) text += "live: " + std::to_string(count) + " " + kind + "\n";
    }
    return text;
}

size_t copy_text(const std::string& text, char* buffer, size_t bytes) {
    if (buffer != nullptr && bytes > 0) {
        size_t length = std::min(bytes - 1, text.size());
        memcpy(buffer, text.data(), length);
        buffer[length] = 0;
    }
    return text.size() + 1;
}

}

/// The nth call from now on (1 = the next, 0 = every one) of a function returns the status and does nothing.
SIM_EXPORT void codatSimSetFault(const char* symbol, long long nth, int status) {
    std::lock_guard guard(simulation_lock());
    set_fault(symbol, nth, status);
}

SIM_EXPORT void codatSimClearFaults() {
    std::lock_guard guard(simulation_lock());
    clear_faults();
}

/// How often a function was called since the last reset.
SIM_EXPORT long long codatSimCalls(const char* symbol) {
    std::lock_guard guard(simulation_lock());
    return calls_of(symbol);
}

/// All functions called since the last reset, a line "name count" each; returns the bytes needed.
SIM_EXPORT size_t codatSimCallCounts(char* buffer, size_t bytes) {
    std::lock_guard guard(simulation_lock());
    return copy_text(call_counts(), buffer, bytes);
}

/// Begins (1) or ends (0) writing down the order of calls, which tells the places that a function is called from apart.
SIM_EXPORT void codatSimRecord(int on) {
    std::lock_guard guard(simulation_lock());
    record_calls(on != 0);
}

/// The calls written down, a name a line; returns the bytes needed.
SIM_EXPORT size_t codatSimSequence(char* buffer, size_t bytes) {
    std::lock_guard guard(simulation_lock());
    return copy_text(call_sequence(), buffer, bytes);
}

/// How many of a kind are alive: allocations, pinned, registered, streams, events, modules, graphs, ...
SIM_EXPORT long long codatSimLive(const char* kind) {
    std::lock_guard guard(simulation_lock());
    return live(kind);
}

SIM_EXPORT long long codatSimProblems() {
    std::lock_guard guard(simulation_lock());
    device_memory().check_edges("some kernel or call so far");
    return problem_count();
}

SIM_EXPORT long long codatSimUninitialisedReads() {
    std::lock_guard guard(simulation_lock());
    return uninitialised_read_count();
}

/// Lines "live: N kind" for what came since the last reset, "problem: ..." and "uninitialised: ..."; returns the bytes
/// needed.
SIM_EXPORT size_t codatSimReport(char* buffer, size_t bytes) {
    std::lock_guard guard(simulation_lock());
    return copy_text(live_things() + problems(), buffer, bytes);
}

/// Before a test: no faults, no counts, no problems, contexts without a lasting error, and what is alive is known.
SIM_EXPORT void codatSimReset() {
    std::lock_guard guard(simulation_lock());
    clear_faults();
    reset_call_counts();
    clear_problems();
    heal_contexts();
    for (const std::string& kind : kinds()) alive_before()[kind] = live(kind);
}
