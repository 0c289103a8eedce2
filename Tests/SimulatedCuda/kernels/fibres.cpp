#include "fibres.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

// Only the registers that a callee must preserve are kept; a kernel does not change the floating-point modes.
#if defined(__x86_64__)
asm(R"(
.text
.globl codat_fibre_switch
.hidden codat_fibre_switch
.type codat_fibre_switch, @function
codat_fibre_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size codat_fibre_switch, .-codat_fibre_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl codat_fibre_switch
.hidden codat_fibre_switch
.type codat_fibre_switch, %function
codat_fibre_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
.size codat_fibre_switch, .-codat_fibre_switch
)");
#else
#error "the simulated CUDA knows how to switch fibres on x86-64 and aarch64 only"
#endif

namespace codat_sim {

StackPool::StackPool(int capacity) : _capacity(capacity) {
    size_t bytes = static_cast<size_t>(capacity) * (StackBytes + GuardBytes);
    void* memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    _memory = static_cast<unsigned char*>(memory);
    _free.reserve(capacity);
}

StackPool::~StackPool() { munmap(_memory, static_cast<size_t>(_capacity) * (StackBytes + GuardBytes)); }

int StackPool::take() {
    if (!_free.empty()) {
        int stack = _free.back();
        _free.pop_back();
        return stack;
    }
    if (_made == _capacity) return -1;
    unsigned char* low = _memory + static_cast<size_t>(_made) * (StackBytes + GuardBytes) + GuardBytes;
    if (mprotect(low, StackBytes, PROT_READ | PROT_WRITE) != 0) return -1;
    return _made++;
}

void StackPool::reset() {
    _free.clear();
    for (int stack = _made - 1; stack >= 0; stack--) _free.push_back(stack);
}

void* StackPool::prepare(int stack, void (*main)()) const {
    unsigned char* top = _memory + static_cast<size_t>(stack + 1) * (StackBytes + GuardBytes);
    uintptr_t* words = reinterpret_cast<uintptr_t*>(top);
#if defined(__x86_64__)
    words[-1] = 0;                                   // where main would return to: nowhere
    words[-2] = reinterpret_cast<uintptr_t>(main);
    for (int i = 3; i <= 8; i++) words[-i] = 0;
    return words - 8;
#else
    for (int i = 1; i <= 20; i++) words[-i] = 0;
    words[-20 + 11] = reinterpret_cast<uintptr_t>(main);   // x30, which `ret` follows
    return words - 20;
#endif
}

bool StackPool::is_guard(const void* address) const {
    uintptr_t offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(_memory);
    if (offset >= static_cast<size_t>(_capacity) * (StackBytes + GuardBytes)) return false;
    return offset % (StackBytes + GuardBytes) < GuardBytes;
}

}
