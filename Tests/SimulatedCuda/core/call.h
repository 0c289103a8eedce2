// Every exported function starts with one of the macros here: they take the lock, count the call and inject faults.
#pragma once
#include <mutex>
#include <string>
#include <vector>

#define SIM_EXPORT extern "C" __attribute__((visibility("default")))

namespace codat_sim {

/// The lock of the whole simulation; a host function called back may call in again.
std::recursive_mutex& simulation_lock();

/// One exported function: how often it was called, and which of its calls fail.
class Symbol {
public:
    explicit Symbol(const char* name);
    const char* name() const { return _name; }
    long long calls() const { return _calls; }
    /// Counts a call; the status it must return, or 0.
    int enter();

private:
    const char* _name;
    long long _calls = 0;
};

/// One call in progress: holds the lock and names the call for reports.
class Call {
public:
    explicit Call(Symbol& symbol);
    ~Call();
    int fault() const { return _fault; }
    /// The innermost call of this thread, "cuMemFree_v2 #12"; empty outside of calls.
    static std::string current();

private:
    std::lock_guard<std::recursive_mutex> _guard;
    const Symbol& _symbol;
    const Call* _outer;
    long long _number;
    int _fault;
};

/// Makes the nth call from now on (1 = the next, 0 = every one) of a function return `status` without doing anything.
void set_fault(const std::string& symbol, long long nth, int status);
void clear_faults();
long long calls_of(const std::string& symbol);
/// One line "name count" per function that was called.
std::string call_counts();
void reset_call_counts();
/// Begins to write down every call in order, forgetting what was written down before, or ends it.
void record_calls(bool on);
/// The calls written down, a name a line.
std::string call_sequence();

}

/// For functions that return a status: an injected fault returns before anything is done.
#define SIM_CALL(NAME) \
    static codat_sim::Symbol sim_symbol(#NAME); \
    codat_sim::Call sim_call(sim_symbol); \
    if (int sim_fault = sim_call.fault()) return sim_fault

/// For functions that release something: an injected fault is returned, but what is released is gone, as when the
/// status of earlier work comes late. End with `return SIM_RELEASED(status)`.
#define SIM_RELEASE(NAME) \
    static codat_sim::Symbol sim_symbol(#NAME); \
    codat_sim::Call sim_call(sim_symbol)
#define SIM_RELEASED(STATUS) (sim_call.fault() != 0 ? sim_call.fault() : (STATUS))

/// For functions that return no status.
#define SIM_COUNT(NAME) \
    static codat_sim::Symbol sim_symbol(#NAME); \
    codat_sim::Call sim_call(sim_symbol)
