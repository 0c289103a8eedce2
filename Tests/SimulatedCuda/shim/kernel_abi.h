// What a kernel compiled for the host and the engine that runs it know of each other. No includes: kernels see this
// file, and device code has no host headers.
#pragma once

namespace codat_sim {

struct Index3 {
    unsigned x, y, z;
};

/// What a lane asks of its warp.
enum class WarpOp : int { Shuffle, ShuffleUp, ShuffleDown, ShuffleXor, Ballot, MatchAny, Sync };

/// The place in the source of a collective call, so that divergence can be named.
struct Place {
    const char* file;
    int line;
};

/// Calls from a kernel into the engine.
struct EngineCalls {
    void (*barrier)(Place place);
    /// A barrier that also counts the threads with a non-zero predicate.
    int (*barrier_count)(int predicate, Place place);
    unsigned long long (*warp)(WarpOp op, unsigned mask, unsigned long long value, int parameter, int width,
                               Place place);
    unsigned (*active_mask)();
    [[noreturn]] void (*trap)(int status, const char* message, Place place);
    unsigned long long (*clock)();
};

/// The state of the thread that runs now; the engine rewrites it whenever it switches threads.
struct KernelState {
    Index3 thread, block, block_dim, grid_dim;
    const EngineCalls* engine;
};

/// One `__global__` function, exported as `codat_sim_entry_<name>`.
struct KernelEntry {
    const char* name;
    int parameter_count;
    const unsigned long* parameter_sizes;
    int max_threads;                      // from __launch_bounds__; 0 = not stated
    void (*invoke)(void** parameters);
};

/// What a compiled kernel file exports, as `codat_sim_image`.
struct KernelImage {
    KernelState* state;
    unsigned char* shared_begin;          // all static shared arrays of the file
    unsigned char* shared_end;
    unsigned char* dynamic_shared;
    const KernelEntry* entries;
    int entry_count;
};

constexpr unsigned long DynamicSharedBytes = 227 * 1024;   // what a Hopper block may ask for at most
constexpr unsigned PoisonWord = 0x7FF57FF5u;               // a NaN as float, double, half and bfloat16
constexpr int StatusAssert = 710, StatusLaunchFailed = 719, StatusLaunchTimeout = 702, StatusIllegalAddress = 700;

}
