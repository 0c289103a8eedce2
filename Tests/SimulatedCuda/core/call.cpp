#include "call.h"

#include <cstdlib>
#include <cstring>
#include <map>

#include "report.h"

namespace codat_sim {

namespace {

struct Fault {
    long long remaining;                  // calls until it strikes; 0 = every call
    int status;
};

struct Table {
    std::map<std::string, Symbol*> symbols;
    std::map<std::string, long long> base;          // calls before the last reset
    std::multimap<std::string, Fault> faults;
    bool recording = false;
    std::vector<const Symbol*> sequence;
};

/// "symbol:nth:status", several separated by commas.
void read_environment(Table& table) {
    const char* text = getenv("CODAT_SIM_FAIL");
    std::string rest = text == nullptr ? "" : text;
    while (!rest.empty()) {
        size_t comma = rest.find(',');
        std::string item = rest.substr(0, comma);
        rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
        size_t first = item.find(':'), second = item.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) {
            add_problem("CODAT_SIM_FAIL: '" + item + "' is not symbol:number:status");
            continue;
        }
        Fault fault = {atoll(item.c_str() + first + 1), atoi(item.c_str() + second + 1)};
        table.faults.emplace(item.substr(0, first), fault);
    }
}

Table& table() {
    static Table* instance = [] {
        auto* made = new Table();
        read_environment(*made);
        return made;
    }();
    return *instance;
}

thread_local const Call* t_call = nullptr;

}

std::recursive_mutex& simulation_lock() {
    static auto* lock = new std::recursive_mutex();      // outlives static destructors
    return *lock;
}

Symbol::Symbol(const char* name) : _name(name) {
    std::lock_guard guard(simulation_lock());
    table().symbols[name] = this;
}

int Symbol::enter() {
    _calls++;
    if (table().recording) table().sequence.push_back(this);
    auto [begin, end] = table().faults.equal_range(_name);
    int status = 0;
    for (auto at = begin; at != end;) {
        Fault& fault = at->second;
        if (fault.remaining == 0) {
            status = fault.status;
        } else if (--fault.remaining == 0) {
            status = fault.status;
            at = table().faults.erase(at);
            continue;
        }
        ++at;
    }
    return status;
}

Call::Call(Symbol& symbol)
    : _guard(simulation_lock()), _symbol(symbol), _outer(t_call), _number(0), _fault(symbol.enter()) {
    _number = symbol.calls();
    t_call = this;
    if (_fault >= 700 && _fault <= 720 && strncmp(symbol.name(), "cu", 2) == 0) poison_current_context(_fault);
}

Call::~Call() { t_call = _outer; }

std::string Call::current() {
    return t_call == nullptr ? "" : std::string(t_call->_symbol.name()) + " #" + std::to_string(t_call->_number);
}

void set_fault(const std::string& symbol, long long nth, int status) {
    table().faults.emplace(symbol, Fault{nth, status});
}
void clear_faults() { table().faults.clear(); }

long long calls_of(const std::string& symbol) {
    auto found = table().symbols.find(symbol);
    return found == table().symbols.end() ? 0 : found->second->calls() - table().base[symbol];
}

std::string call_counts() {
    std::string text;
    for (const auto& [name, symbol] : table().symbols)
        if (long long calls = calls_of(name)) text += name + " " + std::to_string(calls) + "\n";
    return text;
}

void record_calls(bool on) {
    table().recording = on;
    if (on) table().sequence.clear();
}

std::string call_sequence() {
    std::string text;
    for (const Symbol* symbol : table().sequence) text += std::string(symbol->name()) + "\n";
    return text;
}

void reset_call_counts() {
    for (const auto& [name, symbol] : table().symbols) table().base[name] = symbol->calls();
}

}
