#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "../shim/kernel_abi.h"
#include "call.h"
#include "report.h"
#include "settings.h"

namespace codat_sim {

namespace {

constexpr size_t Page = 4096, PatternBytes = size_t{4} << 20, FreedKept = 4096;

size_t round_up(size_t value, size_t step) { return (value + step - 1) / step * step; }

std::string hex(uintptr_t value) {
    char buffer[32];
    snprintf(buffer, sizeof buffer, "0x%llx", static_cast<unsigned long long>(value));
    return buffer;
}

}

DeviceMemory& device_memory() {
    static auto* memory = new DeviceMemory();
    return *memory;
}

// Address space is cheap: with much more of it than memory an address comes back late, and stale pointers fault.
bool DeviceMemory::reserve() {
    if (_base != 0) return true;
    for (size_t bytes = size_t{256} << 30; bytes >= size_t{8} << 30; bytes /= 2) {
        void* memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) continue;
        _base = _next = reinterpret_cast<uintptr_t>(memory);
        _reserved = bytes;
        break;
    }
    // Fresh memory is this file mapped over and over, so that large allocations cost nothing until they are written.
    _pattern = memfd_create("codat-pattern", MFD_CLOEXEC);
    if (_base == 0 || _pattern < 0 || ftruncate(_pattern, PatternBytes) != 0) return false;
    void* file = mmap(nullptr, PatternBytes, PROT_READ | PROT_WRITE, MAP_SHARED, _pattern, 0);
    if (file == MAP_FAILED) return false;
    fill_with_pattern(file, PatternBytes);
    munmap(file, PatternBytes);
    return true;
}

uintptr_t DeviceMemory::place(size_t span) {
    if (_next + span <= _base + _reserved) {
        uintptr_t at = _next;
        _next += span;
        return at;
    }
    // The end is reached: the first gap between live allocations that is large enough.
    uintptr_t at = _base;
    for (const auto& [address, allocation] : _live) {
        if (!owns(address)) continue;
        if (allocation.pages >= at + span) return at;
        at = allocation.pages + allocation.page_bytes + Page;
    }
    return at + span <= _base + _reserved ? at : 0;
}

uintptr_t DeviceMemory::allocate(size_t bytes, int device, uintptr_t context) {
    size_t rounded = round_up(bytes, Alignment);
    if (rounded < bytes || used(device) + rounded > settings().memory || !reserve()) return 0;
    size_t pages = round_up(rounded, Page);
    uintptr_t start = place(pages + Page);
    if (start == 0) return 0;
    for (size_t done = 0; done < pages; done += PatternBytes) {
        void* piece = mmap(reinterpret_cast<void*>(start + done), std::min(PatternBytes, pages - done),
                           PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, _pattern, 0);
        if (piece == MAP_FAILED) return 0;
    }
    // The end of the allocation touches the guard page behind it, as near as the alignment allows.
    uintptr_t address = start + pages - rounded;
    _live[address] = {address, bytes, start, pages, Call::current(), device, context};
    return address;
}

bool DeviceMemory::release(uintptr_t address) {
    auto found = _live.find(address);
    if (found == _live.end() || found->second.page_bytes == 0) {
        add_problem("free of " + describe(address));
        return false;
    }
    Allocation& allocation = found->second;
    check_edges(allocation, "some kernel before " + Call::current());
    // What is unmapped here stays reserved without access, so that a stale use faults.
    mmap(reinterpret_cast<void*>(allocation.pages), allocation.page_bytes, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (_freed.size() >= FreedKept) {
        _freed_bytes.erase(_freed.begin()->first);
        _freed.erase(_freed.begin());
    }
    _freed[address] = "an allocation of " + std::to_string(allocation.bytes) + " bytes made by " + allocation.made_by
        + " and freed by " + Call::current();
    _freed_bytes[address] = allocation.bytes;
    _live.erase(found);
    return true;
}

void DeviceMemory::add_variable(uintptr_t address, size_t bytes, uintptr_t context) {
    _live[address] = {address, bytes, address, 0, Call::current(), -1, context};
}

size_t DeviceMemory::count() const {
    size_t found = 0;
    for (const auto& [address, allocation] : _live) found += allocation.page_bytes != 0;
    return found;
}

const Allocation* DeviceMemory::find(uintptr_t address) const {
    auto above = _live.upper_bound(address);
    if (above == _live.begin()) return nullptr;
    const Allocation& allocation = std::prev(above)->second;
    return address - allocation.address < allocation.bytes ? &allocation : nullptr;
}

std::string DeviceMemory::describe(uintptr_t address) const {
    std::string at = "address " + hex(address);
    if (const Allocation* inside = find(address))
        return at + ", " + std::to_string(address - inside->address) + " bytes into an allocation of "
            + std::to_string(inside->bytes) + " bytes made by " + inside->made_by;
    if (address == 0) return "a null address";
    auto above = _freed.upper_bound(address);
    if (above != _freed.begin()) {
        auto freed = std::prev(above);
        if (address - freed->first < _freed_bytes.at(freed->first)) return at + " inside " + freed->second;
    }
    return at + (owns(address) ? " outside of every allocation" : ", which is no device memory");
}

bool DeviceMemory::check(uintptr_t address, size_t bytes, const char* role) const {
    if (bytes == 0) return true;
    const Allocation* inside = find(address);
    if (inside != nullptr && bytes <= inside->address + inside->bytes - address) return true;
    add_problem(std::string(role) + ": " + std::to_string(bytes) + " bytes at " + describe(address));
    return false;
}

size_t DeviceMemory::used(int device) const {
    size_t total = 0;
    for (const auto& [address, allocation] : _live)
        if (allocation.device == device) total += round_up(allocation.bytes, Alignment);
    return total;
}

void DeviceMemory::check_edges(const std::string& suspect) {
    for (auto& [address, allocation] : _live) check_edges(allocation, suspect);
}

void DeviceMemory::check_edges(Allocation& allocation, const std::string& suspect) {
    if (allocation.page_bytes == 0) return;
    auto check = [&](uintptr_t begin, uintptr_t end, const char* where) {
        for (uintptr_t at = begin; at < end; at++) {
            auto* byte = reinterpret_cast<unsigned char*>(at);
            unsigned char expected = static_cast<unsigned char>(at % 2 == 0 ? PoisonWord : PoisonWord >> 8);
            if (*byte == expected) continue;
            add_problem("a write " + std::string(where) + " an allocation of " + std::to_string(allocation.bytes)
                + " bytes made by " + allocation.made_by + "; by " + suspect);
            for (uintptr_t again = at; again < end; again++)
                *reinterpret_cast<unsigned char*>(again) =
                    static_cast<unsigned char>(again % 2 == 0 ? PoisonWord : PoisonWord >> 8);
            return;
        }
    };
    check(allocation.pages, allocation.address, "before");
    check(allocation.address + allocation.bytes, allocation.pages + allocation.page_bytes, "behind");
}

void fill_with_pattern(void* address, size_t bytes) {
    auto* at = static_cast<unsigned char*>(address);
    uint32_t word = PoisonWord;
    for (size_t i = 0; i + 4 <= bytes; i += 4) memcpy(at + i, &word, 4);
}

long long find_pattern(const void* address, size_t bytes) {
    auto begin = reinterpret_cast<uintptr_t>(address);
    for (uintptr_t at = round_up(begin, 4); at + 4 <= begin + bytes; at += 4) {
        uint32_t word;
        memcpy(&word, reinterpret_cast<const void*>(at), 4);
        if (word == PoisonWord) return static_cast<long long>(at - begin);
    }
    return -1;
}

void check_initialised(const void* address, size_t bytes, const char* role) {
    long long offset = find_pattern(address, bytes);
    if (offset < 0) return;
    add_uninitialised_read(std::string(role) + ": content that nobody wrote at offset " + std::to_string(offset)
        + " of " + std::to_string(bytes) + " bytes");
}

}
