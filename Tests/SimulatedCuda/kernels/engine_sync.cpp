#include <ctime>

#include "engine.h"

namespace codat_sim {

namespace {

std::string triple(Index3 v) {
    return "(" + std::to_string(v.x) + "," + std::to_string(v.y) + "," + std::to_string(v.z) + ")";
}

std::string text(Place place) {
    return place.file == nullptr ? "" : std::string(place.file) + "(" + std::to_string(place.line) + ")";
}

}

std::string Engine::whereabouts(int thread, Place place) const {
    std::string at = place.file == nullptr ? "" : text(place) + ", ";
    return at + "kernel " + _entry->name + ", block " + triple(_image->state->block) + ", thread "
        + triple(_threads[thread].index);
}

void Engine::report_stuck() {
    int barrier = -1, warp = -1;
    for (int t = 0; t < _count; t++) {
        if (_threads[t].state == State::AtBarrier && barrier < 0) barrier = t;
        if (_threads[t].state == State::AtWarp && warp < 0) warp = t;
    }
    int waiting = barrier >= 0 ? barrier : warp;
    _outcome.status = StatusLaunchFailed;
    _outcome.message = "the block cannot go on: " + std::to_string(_at_barrier) + " threads wait at a barrier, "
        + std::to_string(_count - _ended - _at_barrier) + " in a warp operation, " + std::to_string(_ended)
        + " have ended; the first waits at " + whereabouts(waiting, _threads[waiting].place);
    if (barrier >= 0 && warp >= 0) _outcome.message += " and another at " + whereabouts(warp, _threads[warp].place);
}

void Engine::barrier(int predicate, Place place) {
    Thread& me = _threads[_current];
    if (_at_barrier == 0) _barrier_total = 0;
    for (int t = 0; _at_barrier > 0 && t < _count; t++) {
        if (_threads[t].state != State::AtBarrier) continue;
        if (_threads[t].place.line == place.line) break;
        fail(StatusLaunchFailed, "threads of one block wait at different barriers: " + whereabouts(_current, place)
            + " and " + whereabouts(t, _threads[t].place));
    }
    me.state = State::AtBarrier;
    me.place = place;
    _barrier_total += predicate != 0;
    if (++_at_barrier == _count) release_barrier();
    suspend();
}

void Engine::release_barrier() {
    _at_barrier = 0;
    for (int t : _order) {
        _threads[t].predicate = _barrier_total;
        _threads[t].state = State::Ready;
        _ready.push_back(t);
    }
}

unsigned Engine::lanes_of(int first) const {
    int lanes = _count - first;
    return lanes >= WarpSize ? 0xFFFFFFFFu : (1u << lanes) - 1;
}

unsigned long long Engine::warp(WarpOp op, unsigned mask, unsigned long long value, int parameter, int width,
                                Place place) {
    Thread& me = _threads[_current];
    int first = _current / WarpSize * WarpSize, lane = _current % WarpSize;
    if ((mask >> lane & 1u) == 0)
        fail(StatusLaunchFailed, "the mask of a warp operation leaves out the calling lane: "
            + whereabouts(_current, place));
    if (width < 1 || width > WarpSize || (width & (width - 1)) != 0)
        fail(StatusLaunchFailed, "a shuffle's width is no power of two up to 32: " + whereabouts(_current, place));
    me.op = op;
    me.mask = mask;
    me.value = value;
    me.parameter = parameter;
    me.width = width;
    me.place = place;
    me.state = State::AtWarp;
    check_ended(first, mask, place);
    if (!complete_warp(first, mask)) suspend();
    return me.value;
}

void Engine::check_ended(int first, unsigned mask, Place place) {
    unsigned others = mask & lanes_of(first);
    for (int lane = 0; lane < WarpSize; lane++)
        if ((others >> lane & 1u) != 0 && _threads[first + lane].state == State::Ended)
            fail(StatusLaunchFailed, "a warp operation waits for a lane that has ended: "
                + whereabouts(_current, place) + ", ended thread " + triple(_threads[first + lane].index));
}

/// The last lane to come works out what every lane takes away and wakes the others.
bool Engine::complete_warp(int first, unsigned mask) {
    unsigned taking_part = mask & lanes_of(first);
    const Thread& me = _threads[_current];
    for (int lane = 0; lane < WarpSize; lane++) {
        if ((taking_part >> lane & 1u) == 0) continue;
        const Thread& other = _threads[first + lane];
        if (other.state != State::AtWarp) return false;
        if (other.mask != mask || other.op != me.op || other.place.line != me.place.line) return false;
    }
    unsigned long long results[WarpSize];
    for (int lane = 0; lane < WarpSize; lane++)
        if ((taking_part >> lane & 1u) != 0) results[lane] = collect(&_threads[first], lane, taking_part);
    for (int i = 0; i < WarpSize; i++) {
        int lane = order == ThreadOrder::Reverse ? WarpSize - 1 - i : i;
        if ((taking_part >> lane & 1u) == 0) continue;
        Thread& other = _threads[first + lane];
        other.value = results[lane];
        other.state = State::Ready;
        if (first + lane != _current) _ready.push_back(first + lane);
    }
    return true;
}

unsigned long long Engine::collect(const Thread* lanes, int lane, unsigned mask) {
    const Thread& me = lanes[lane];
    if (me.op == WarpOp::Ballot || me.op == WarpOp::MatchAny) {
        unsigned bits = 0;
        for (int i = 0; i < WarpSize; i++) {
            if ((mask >> i & 1u) == 0) continue;
            bool agrees = me.op == WarpOp::Ballot ? lanes[i].value != 0 : lanes[i].value == me.value;
            bits |= static_cast<unsigned>(agrees) << i;
        }
        return bits;
    }
    int begin = lane & ~(me.width - 1), source = lane;
    switch (me.op) {
        case WarpOp::Shuffle: source = begin + (me.parameter & (me.width - 1)); break;
        case WarpOp::ShuffleUp: source = lane - me.parameter < begin ? lane : lane - me.parameter; break;
        case WarpOp::ShuffleDown: source = lane + me.parameter >= begin + me.width ? lane : lane + me.parameter; break;
        case WarpOp::ShuffleXor: source = (lane ^ me.parameter) >= begin + me.width ? lane : lane ^ me.parameter; break;
        default: return 0;
    }
    // The value of a lane that takes no part is undefined; the pattern makes its use visible.
    bool known = source >= 0 && source < WarpSize && (mask >> source & 1u) != 0;
    return known ? lanes[source].value : static_cast<unsigned long long>(PoisonWord) << 32 | PoisonWord;
}

void Engine::barrier_call(Place place) { s_running->barrier(0, place); }

int Engine::barrier_count_call(int predicate, Place place) {
    Engine& engine = *s_running;
    engine.barrier(predicate, place);
    return engine._threads[engine._current].predicate;
}

unsigned long long Engine::warp_call(WarpOp op, unsigned mask, unsigned long long value, int parameter, int width,
                                     Place place) {
    return s_running->warp(op, mask, value, parameter, width, place);
}

unsigned Engine::active_mask_call() {
    Engine& engine = *s_running;
    int first = engine._current / WarpSize * WarpSize;
    unsigned mask = engine.lanes_of(first);
    for (int lane = 0; lane < WarpSize; lane++)
        if ((mask >> lane & 1u) != 0 && engine._threads[first + lane].state == State::Ended) mask &= ~(1u << lane);
    return mask;
}

void Engine::trap_call(int status, const char* message, Place place) {
    s_running->fail(status, std::string(message) + " at " + s_running->whereabouts(s_running->_current, place));
}

unsigned long long Engine::clock_call() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<unsigned long long>(now.tv_sec) * 1000000000ull + static_cast<unsigned long long>(now.tv_nsec);
}

}
