// Runs a kernel on the host: blocks one after another, the threads of a block as fibres that switch at barriers and
// warp collectives. One kernel at a time; the caller holds a lock.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../shim/kernel_abi.h"
#include "fibres.h"

namespace codat_sim {

/// What became of a launch: 0 or a driver status, and where and why it failed.
struct LaunchOutcome {
    int status = 0;
    std::string message;
};

/// The order in which threads of a block get their turn; other orders show missing barriers.
enum class ThreadOrder { Forward, Reverse, Shuffled };

class Engine {
public:
    static constexpr int MaxThreads = 1024, WarpSize = 32;

    Engine();
    LaunchOutcome run(const KernelImage& image, const KernelEntry& entry, Index3 grid, Index3 block,
                      size_t dynamic_bytes, void** parameters);

    ThreadOrder order = ThreadOrder::Forward;
    unsigned timeout_ms = 60000;          // 0 = none

private:
    enum class State : uint8_t { Unstarted, Ready, AtBarrier, AtWarp, Ended };

    struct Thread {
        void* stack_pointer;
        State state;
        WarpOp op;
        int parameter, width, predicate;
        unsigned mask;
        unsigned long long value;         // in: what the lane brings; out: what it takes away
        Place place;
        Index3 index;
    };

    void run_blocks();
    void run_block();
    void poison_shared() const;
    void choose_order();
    const char* check_dynamic_tail() const;

    static void fibre_main();
    void* next_stack_pointer();
    void make_current(int thread);
    void suspend();
    [[noreturn]] void leave(int stack);
    [[noreturn]] void fail(int status, std::string message);
    std::string whereabouts(int thread, Place place) const;
    void report_stuck();

    void barrier(int predicate, Place place);
    void release_barrier();
    unsigned long long warp(WarpOp op, unsigned mask, unsigned long long value, int parameter, int width, Place place);
    void check_ended(int first, unsigned mask, Place place);
    bool complete_warp(int first, unsigned mask);
    static unsigned long long collect(const Thread* lanes, int lane, unsigned mask);
    unsigned lanes_of(int first) const;

    static void barrier_call(Place place);
    static int barrier_count_call(int predicate, Place place);
    static unsigned long long warp_call(WarpOp op, unsigned mask, unsigned long long value, int parameter, int width,
                                        Place place);
    static unsigned active_mask_call();
    [[noreturn]] static void trap_call(int status, const char* message, Place place);
    static unsigned long long clock_call();
    static const EngineCalls s_calls;
    static Engine* s_running;

    StackPool _stacks;
    std::vector<Thread> _threads;
    std::vector<int> _order, _ready;
    size_t _ready_head = 0;
    int _count = 0, _next = 0, _current = 0, _ended = 0, _at_barrier = 0, _starting_stack = -1;
    int _barrier_total = 0;
    void* _scheduler = nullptr;
    const KernelImage* _image = nullptr;
    const KernelEntry* _entry = nullptr;
    void** _parameters = nullptr;
    size_t _dynamic_bytes = 0;
    unsigned _seed = 1;
    LaunchOutcome _outcome;
};

}
