#include <sys/mman.h>

#include "call.h"
#include "memory.h"
#include "report.h"

namespace codat_sim {

namespace {

constexpr int AlreadyRegistered = 712, NotRegistered = 713;

}

PinnedMemory& pinned_memory() {
    static auto* memory = new PinnedMemory();
    return *memory;
}

void* PinnedMemory::allocate(size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    fill_with_pattern(memory, bytes);
    _ranges[reinterpret_cast<uintptr_t>(memory)] = {bytes, false};
    return memory;
}

bool PinnedMemory::release(void* address) {
    auto found = _ranges.find(reinterpret_cast<uintptr_t>(address));
    if (found == _ranges.end() || found->second.registered) {
        add_problem("free of host memory that was not allocated as pinned, or was freed before");
        return false;
    }
    munmap(address, found->second.bytes);
    _ranges.erase(found);
    return true;
}

int PinnedMemory::register_range(void* address, size_t bytes) {
    auto begin = reinterpret_cast<uintptr_t>(address);
    auto above = _ranges.lower_bound(begin + bytes);
    if (above != _ranges.begin()) {
        auto below = std::prev(above);
        if (below->first + below->second.bytes > begin) return AlreadyRegistered;
    }
    _ranges[begin] = {bytes, true};
    return 0;
}

int PinnedMemory::unregister(void* address) {
    auto found = _ranges.find(reinterpret_cast<uintptr_t>(address));
    if (found == _ranges.end() || !found->second.registered) return NotRegistered;
    _ranges.erase(found);
    return 0;
}

const std::pair<const uintptr_t, PinnedMemory::Range>* PinnedMemory::find_range(const void* address) const {
    auto at = reinterpret_cast<uintptr_t>(address);
    auto above = _ranges.upper_bound(at);
    if (above == _ranges.begin()) return nullptr;
    auto below = std::prev(above);
    return at - below->first < below->second.bytes ? &*below : nullptr;
}

bool PinnedMemory::contains(const void* address, size_t bytes) const {
    auto* range = find_range(address);
    return range != nullptr && bytes <= range->first + range->second.bytes - reinterpret_cast<uintptr_t>(address);
}

const size_t* PinnedMemory::find(const void* address) const {
    auto* range = find_range(address);
    return range == nullptr ? nullptr : &range->second.bytes;
}

size_t PinnedMemory::count(bool registered) const {
    size_t found = 0;
    for (const auto& [address, range] : _ranges) found += range.registered == registered;
    return found;
}

}
