// Fibres: stacks of their own with a switch of a few instructions; no scheduler and no threads of the system.
#pragma once
#include <cstddef>
#include <vector>

namespace codat_sim {

/// Saves the running fibre's registers on its stack, its stack pointer in `*save`, and continues `load`.
extern "C" void codat_fibre_switch(void** save, void* load);

/// Stacks with a guard page below each, made as they are needed and used again.
class StackPool {
public:
    static constexpr size_t StackBytes = 64 * 1024, GuardBytes = 4096;

    explicit StackPool(int capacity);
    ~StackPool();
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;

    int take();
    void give(int stack) { _free.push_back(stack); }
    /// Takes every stack back, after a kernel was abandoned.
    void reset();
    /// A stack pointer that starts `main` on the stack when it is switched to; `main` must never return.
    void* prepare(int stack, void (*main)()) const;
    bool is_guard(const void* address) const;

private:
    unsigned char* _memory;
    int _capacity, _made = 0;
    std::vector<int> _free;
};

}
