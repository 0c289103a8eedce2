// Barriers, warp collectives and traps: everything that passes control to the engine.
#pragma once

#define CODAT_PLACE int line = __builtin_LINE(), const char* file = __builtin_FILE()
#define CODAT_HERE codat_sim::Place{file, line}

static inline void __syncthreads(CODAT_PLACE) { codat_sim_state.engine->barrier(CODAT_HERE); }
static inline int __syncthreads_count(int predicate, CODAT_PLACE) {
    return codat_sim_state.engine->barrier_count(predicate, CODAT_HERE);
}
static inline int __syncthreads_or(int predicate, CODAT_PLACE) {
    return codat_sim_state.engine->barrier_count(predicate, CODAT_HERE) != 0;
}
static inline int __syncthreads_and(int predicate, CODAT_PLACE) {
    return codat_sim_state.engine->barrier_count(!predicate, CODAT_HERE) == 0;
}

namespace codat_sim {

template <class T> static inline unsigned long long pack(T value) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move values of 4 or 8 bytes");
    unsigned long long bits = 0;
    __builtin_memcpy(&bits, &value, sizeof value);
    return bits;
}
template <class T> static inline T unpack(unsigned long long bits) {
    T value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}
template <class T>
static inline T exchange(WarpOp op, unsigned mask, T value, int parameter, int width, Place place) {
    return unpack<T>(codat_sim_state.engine->warp(op, mask, pack(value), parameter, width, place));
}

}

#define CODAT_SHUFFLES(TYPE) \
    static inline TYPE __shfl_sync(unsigned mask, TYPE value, int lane, int width = 32, CODAT_PLACE) { \
        return codat_sim::exchange(codat_sim::WarpOp::Shuffle, mask, value, lane, width, CODAT_HERE); \
    } \
    static inline TYPE __shfl_up_sync(unsigned mask, TYPE value, unsigned delta, int width = 32, CODAT_PLACE) { \
        return codat_sim::exchange(codat_sim::WarpOp::ShuffleUp, mask, value, int(delta), width, CODAT_HERE); \
    } \
    static inline TYPE __shfl_down_sync(unsigned mask, TYPE value, unsigned delta, int width = 32, CODAT_PLACE) { \
        return codat_sim::exchange(codat_sim::WarpOp::ShuffleDown, mask, value, int(delta), width, CODAT_HERE); \
    } \
    static inline TYPE __shfl_xor_sync(unsigned mask, TYPE value, int lanes, int width = 32, CODAT_PLACE) { \
        return codat_sim::exchange(codat_sim::WarpOp::ShuffleXor, mask, value, lanes, width, CODAT_HERE); \
    }
CODAT_SHUFFLES(int)
CODAT_SHUFFLES(unsigned)
CODAT_SHUFFLES(float)
CODAT_SHUFFLES(long)
CODAT_SHUFFLES(unsigned long)
CODAT_SHUFFLES(long long)
CODAT_SHUFFLES(unsigned long long)
CODAT_SHUFFLES(double)
#undef CODAT_SHUFFLES

static inline unsigned __ballot_sync(unsigned mask, int predicate, CODAT_PLACE) {
    return codat_sim::exchange(codat_sim::WarpOp::Ballot, mask, unsigned(predicate != 0), 0, 32, CODAT_HERE);
}
static inline int __any_sync(unsigned mask, int predicate, CODAT_PLACE) {
    return __ballot_sync(mask, predicate, line, file) != 0;
}
static inline int __all_sync(unsigned mask, int predicate, CODAT_PLACE) {
    return __ballot_sync(mask, !predicate, line, file) == 0;
}
static inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, CODAT_PLACE) {
    codat_sim::exchange(codat_sim::WarpOp::Sync, mask, 0u, 0, 32, CODAT_HERE);
}
template <class T> static inline unsigned __match_any_sync(unsigned mask, T value, CODAT_PLACE) {
    auto bits = codat_sim::pack(value);
    return static_cast<unsigned>(
        codat_sim_state.engine->warp(codat_sim::WarpOp::MatchAny, mask, bits, 0, 32, CODAT_HERE));
}
static inline unsigned __activemask() { return codat_sim_state.engine->active_mask(); }

#define CODAT_REDUCE(NAME, TYPE, COMBINE) \
    static inline TYPE NAME(unsigned mask, TYPE value, CODAT_PLACE) { \
        bool some = false; \
        TYPE total = 0; \
        for (int lane = 0; lane < 32; lane++) { \
            if ((mask >> lane & 1u) == 0) continue; \
            TYPE other = __shfl_sync(mask, value, lane, 32, line, file); \
            total = some ? (COMBINE) : other; \
            some = true; \
        } \
        return total; \
    }
CODAT_REDUCE(__reduce_add_sync, unsigned, total + other)
CODAT_REDUCE(__reduce_min_sync, unsigned, min(total, other))
CODAT_REDUCE(__reduce_max_sync, unsigned, max(total, other))
CODAT_REDUCE(__reduce_and_sync, unsigned, total & other)
CODAT_REDUCE(__reduce_or_sync, unsigned, total | other)
CODAT_REDUCE(__reduce_add_sync, int, total + other)
CODAT_REDUCE(__reduce_min_sync, int, min(total, other))
CODAT_REDUCE(__reduce_max_sync, int, max(total, other))
#undef CODAT_REDUCE

static inline void __trap(CODAT_PLACE) {
    codat_sim_state.engine->trap(codat_sim::StatusLaunchFailed, "the kernel trapped", CODAT_HERE);
}
#define assert(condition) \
    ((condition) ? void() \
                 : codat_sim_state.engine->trap( \
                       codat_sim::StatusAssert, "assertion failed: " #condition, codat_sim::Place{__FILE__, __LINE__}))

static inline long long clock64() { return static_cast<long long>(codat_sim_state.engine->clock()); }
static inline int clock() { return static_cast<int>(codat_sim_state.engine->clock()); }
static inline void __nanosleep(unsigned) {}

#undef CODAT_PLACE
#undef CODAT_HERE
