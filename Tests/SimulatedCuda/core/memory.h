// Device memory and pinned memory with a checker: guard pages, a pattern in fresh memory, addresses that are not used
// again soon, and a look-up of every range that is handed in.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace codat_sim {

struct Allocation {
    uintptr_t address;
    size_t bytes;
    uintptr_t pages;                      // what is mapped for it; nothing for a variable of a module
    size_t page_bytes;
    std::string made_by;
    int device;
    uintptr_t context;
};

class DeviceMemory {
public:
    static constexpr size_t Alignment = 256;

    /// 0 if the device has no such amount left.
    uintptr_t allocate(size_t bytes, int device, uintptr_t context);
    /// False, with a problem noted, unless it is the start of a live allocation.
    bool release(uintptr_t address);
    /// Variables of modules are device memory too.
    void add_variable(uintptr_t address, size_t bytes, uintptr_t context);
    void remove_variable(uintptr_t address) { _live.erase(address); }
    const Allocation* find(uintptr_t address) const;
    /// Whether the range lies inside one live allocation; if not, a problem that names `role` and what is there.
    bool check(uintptr_t address, size_t bytes, const char* role) const;
    /// Whether the address is in the part of the address space where device memory is.
    bool owns(uintptr_t address) const { return address - _base < _reserved; }
    size_t used(int device) const;
    size_t count() const;
    const std::map<uintptr_t, Allocation>& live() const { return _live; }
    /// Notes writes around allocations, which the guard pages are too coarse to see.
    void check_edges(const std::string& suspect);

private:
    bool reserve();
    uintptr_t place(size_t span);
    void check_edges(Allocation& allocation, const std::string& suspect);
    std::string describe(uintptr_t address) const;

    uintptr_t _base = 0, _next = 0;
    size_t _reserved = 0;
    int _pattern = -1;
    std::map<uintptr_t, Allocation> _live;             // by address
    std::map<uintptr_t, std::string> _freed;           // by address: what it was and who freed it
    std::map<uintptr_t, size_t> _freed_bytes;
};

class PinnedMemory {
public:
    void* allocate(size_t bytes);
    bool release(void* address);
    int register_range(void* address, size_t bytes);
    int unregister(void* address);
    bool contains(const void* address, size_t bytes) const;
    const size_t* find(const void* address) const;
    size_t count(bool registered) const;

private:
    struct Range {
        size_t bytes;
        bool registered;
    };
    const std::pair<const uintptr_t, Range>* find_range(const void* address) const;
    std::map<uintptr_t, Range> _ranges;
};

DeviceMemory& device_memory();
PinnedMemory& pinned_memory();

/// Fills with the pattern of fresh memory.
void fill_with_pattern(void* address, size_t bytes);
/// The offset of the first word of the pattern, or -1.
long long find_pattern(const void* address, size_t bytes);
/// Notes a read of fresh memory; `role` says what was read.
void check_initialised(const void* address, size_t bytes, const char* role);

}
