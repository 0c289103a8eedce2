// Copies of bytes: a value into a tensor, one row out of a matrix, one row into a matrix of zeros.
// variants: fmad=false ARGS_SIZE=40
#include "codat_common.cuh"

struct PlaceArgs {
    const unsigned char* from;
    unsigned char* to;
    i64 bytes;            // bytes written, zeros included
    i64 first, last;      // the part of them that comes from `from`
};
static_assert(sizeof(PlaceArgs) == ARGS_SIZE, "the host's struct differs");

template <class Unit> __device__ __forceinline__ void place(const PlaceArgs& args, i64 at) {
    const bool is_copied = at >= args.first && at < args.last;
    const Unit zero = {};
    *reinterpret_cast<Unit*>(args.to + at) =
        is_copied ? *reinterpret_cast<const Unit*>(args.from + (at - args.first)) : zero;
}

// grid: one thread for each 16 bytes; block: 256
// shared: none
// reads: last - first bytes of `from`; writes: all bytes of `to`, zeros outside [first, last)
// a copy
extern "C" __global__ void __launch_bounds__(256) place_bytes(PlaceArgs args) {
    struct alignas(16) Sixteen { u32 at[4]; };
    const i64 at = 16 * thread_index();
    if (at >= args.bytes) return;
    const u64 all = reinterpret_cast<u64>(args.from) | reinterpret_cast<u64>(args.to) | static_cast<u64>(args.bytes)
        | static_cast<u64>(args.first) | static_cast<u64>(args.last);
    if ((all & 15) == 0) {
        place<Sixteen>(args, at);
        return;
    }
    const i64 end = at + 16 < args.bytes ? at + 16 : args.bytes;
    if ((all & 3) == 0) {
        for (i64 i = at; i < end; i += 4) place<u32>(args, i);
    } else {
        for (i64 i = at; i < end; i++) place<unsigned char>(args, i);
    }
}
