#include "engine.h"

#include <algorithm>
#include <cstring>

#include "recovery.h"

namespace codat_sim {

Engine* Engine::s_running;

const EngineCalls Engine::s_calls = {&Engine::barrier_call,     &Engine::barrier_count_call, &Engine::warp_call,
                                     &Engine::active_mask_call, &Engine::trap_call,          &Engine::clock_call};

Engine::Engine() : _stacks(MaxThreads), _threads(MaxThreads) {
    _order.reserve(MaxThreads);
    _ready.reserve(2 * MaxThreads);
}

LaunchOutcome Engine::run(const KernelImage& image, const KernelEntry& entry, Index3 grid, Index3 block,
                          size_t dynamic_bytes, void** parameters) {
    _image = &image;
    _entry = &entry;
    _parameters = parameters;
    _dynamic_bytes = dynamic_bytes;
    _count = static_cast<int>(block.x * block.y * block.z);
    _outcome = {};
    image.state->engine = &s_calls;
    image.state->grid_dim = grid;
    image.state->block_dim = block;
    for (int t = 0; t < _count; t++) {
        unsigned u = static_cast<unsigned>(t);
        _threads[t].index = {u % block.x, u / block.x % block.y, u / block.x / block.y};
    }

    s_running = this;
    Fault fault;
    if (!run_guarded([](void* self) { static_cast<Engine*>(self)->run_blocks(); }, this, timeout_ms, &fault)) {
        _outcome.status = fault.status;
        _outcome.message = std::string(_stacks.is_guard(fault.address) ? "kernel stack overflow" : fault.what)
            + " in " + whereabouts(_current, {nullptr, 0});
        if (_stacks.is_guard(fault.address)) _outcome.status = StatusLaunchFailed;
    }
    s_running = nullptr;
    _stacks.reset();
    return std::move(_outcome);
}

void Engine::run_blocks() {
    KernelState& state = *_image->state;
    choose_order();
    for (state.block.z = 0; state.block.z < state.grid_dim.z; state.block.z++)
        for (state.block.y = 0; state.block.y < state.grid_dim.y; state.block.y++)
            for (state.block.x = 0; state.block.x < state.grid_dim.x; state.block.x++) {
                run_block();
                if (_outcome.status != 0) return;
            }
}

void Engine::run_block() {
    poison_shared();
    for (int t = 0; t < _count; t++) _threads[t].state = State::Unstarted;
    if (order == ThreadOrder::Shuffled) choose_order();
    _ready.clear();
    _ready_head = 0;
    _next = _ended = _at_barrier = 0;

    codat_fibre_switch(&_scheduler, next_stack_pointer());

    if (_outcome.status == 0 && _ended != _count) report_stuck();
    if (_outcome.status == 0)
        if (const char* overrun = check_dynamic_tail()) {
            _outcome = {StatusIllegalAddress, std::string(overrun) + " in " + whereabouts(_current, {nullptr, 0})};
        }
}

// Shared memory starts with an unspecified content; a pattern that is not a number shows who relies on it.
void Engine::poison_shared() const {
    size_t fixed = static_cast<size_t>(_image->shared_end - _image->shared_begin);
    uint32_t word = PoisonWord;
    for (size_t i = 0; i + 4 <= fixed; i += 4) memcpy(_image->shared_begin + i, &word, 4);
    size_t dynamic = std::min<size_t>(_dynamic_bytes + 256, DynamicSharedBytes);
    for (size_t i = 0; i + 4 <= dynamic; i += 4) memcpy(_image->dynamic_shared + i, &word, 4);
}

// The 256 bytes behind what the launch asked for must still hold the pattern.
const char* Engine::check_dynamic_tail() const {
    size_t begin = (_dynamic_bytes + 3) & ~size_t{3};
    size_t end = std::min<size_t>(begin + 252, DynamicSharedBytes);
    for (size_t i = begin; i + 4 <= end; i += 4) {
        uint32_t word;
        memcpy(&word, _image->dynamic_shared + i, 4);
        if (word != PoisonWord) return "a write behind the dynamic shared memory of the launch";
    }
    return nullptr;
}

void Engine::choose_order() {
    _order.resize(_count);
    for (int t = 0; t < _count; t++) _order[t] = order == ThreadOrder::Reverse ? _count - 1 - t : t;
    if (order != ThreadOrder::Shuffled) return;
    for (int t = _count - 1; t > 0; t--) {
        _seed = _seed * 1664525u + 1013904223u;
        std::swap(_order[t], _order[static_cast<size_t>(_seed >> 8) % (t + 1)]);
    }
}

// A fibre runs one thread after another until one of them waits; then the rest start on another fibre.
void Engine::fibre_main() {
    Engine& engine = *s_running;
    int stack = engine._starting_stack;
    while (engine._next < engine._count) {
        engine.make_current(engine._order[engine._next++]);
        engine._entry->invoke(engine._parameters);
        engine._threads[engine._current].state = State::Ended;
        engine._ended++;
    }
    engine.leave(stack);
}

void* Engine::next_stack_pointer() {
    if (_next < _count) {
        _starting_stack = _stacks.take();
        return _stacks.prepare(_starting_stack, &fibre_main);
    }
    if (_ready_head < _ready.size()) {
        make_current(_ready[_ready_head++]);
        if (_ready_head == _ready.size()) {
            _ready.clear();
            _ready_head = 0;
        }
        return _threads[_current].stack_pointer;
    }
    return _scheduler;
}

void Engine::make_current(int thread) {
    _current = thread;
    _threads[thread].state = State::Ready;
    _image->state->thread = _threads[thread].index;
}

void Engine::suspend() {
    int me = _current;
    bool only_me = _next == _count && _ready_head < _ready.size() && _ready[_ready_head] == me;
    void* next = next_stack_pointer();
    if (!only_me) codat_fibre_switch(&_threads[me].stack_pointer, next);
}

void Engine::leave(int stack) {
    _stacks.give(stack);                  // nobody takes it before the switch below has left it
    void* unused;
    void* next = _next < _count || _ready_head < _ready.size() ? next_stack_pointer() : _scheduler;
    codat_fibre_switch(&unused, next);
    __builtin_unreachable();
}

void Engine::fail(int status, std::string message) {
    _outcome.status = status;
    _outcome.message = std::move(message);
    void* unused;
    codat_fibre_switch(&unused, _scheduler);
    __builtin_unreachable();
}

}
